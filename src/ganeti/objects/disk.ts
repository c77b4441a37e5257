/**
 * Disks as Ganeti's objects. Ganeti's do not say whose they are: an instance lists its disks, and
 * the position in that list is the disk's index.
 */
import { z } from 'zod';
import type { Disk, DiskPart } from '../../model/disk.js';
import type { DiskId, InstanceId, NodeId } from '../../model/ids.js';
import type { Params } from '../../model/params.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import {
  checkObject,
  corruptObject,
  decodeStored,
  type EncodeOptions,
  encodeStamp,
  encodeStored,
  given,
  present,
  storedFields,
  wireId,
  wireParams,
} from './fields.js';
import { encodeLocation, locationSchema, TEMPLATES_OF_DISKS } from './location.js';

/**
 * How disks are written.
 * @public
 */
export interface EncodeDiskOptions extends EncodeOptions {
  /**
   * Parameters to write instead of the disk's own: nodes get all that hold for it. A function is
   * asked for the disk and for each of its parts.
   */
  readonly params?: Params | ((disk: Disk | DiskPart) => Params);
}

const wireDisk = once(() =>
  z.object({
    ...storedFields(),
    uuid: wireId<DiskId>(),
    dev_type: z.enum(TEMPLATES_OF_DISKS),
    logical_id: z.unknown(),
    size: z.number(),
    mode: z.enum(['rw', 'ro']).nullish(),
    name: z.string().nullish(),
    params: wireParams().nullish(),
    nodes: z.array(wireId<NodeId>()).nullish(),
    children: z.array(z.unknown()).nullish(),
    spindles: z.int().nullish(),
    forthcoming: z.boolean().nullish(),
  }),
);

type WireDisk = z.output<ReturnType<typeof wireDisk>>;

/**
 * A disk out of Ganeti's form, and whose it is. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeDisk(
  json: unknown,
  owner: { readonly instanceId: InstanceId; readonly index: number },
): Disk {
  const wire = checkObject(wireDisk(), json, 'disk');
  const { mode, name, spindles, forthcoming } = wire;
  const children = wire.children ?? [];
  return {
    ...decodeStored(wire),
    ...decodeData(wire),
    ...owner,
    mode: mode ?? 'rw',
    ...given('name', name),
    ...given('spindles', spindles),
    ...(children.length === 0 ? {} : { parts: children.map(decodeDiskPart) }),
    ...(forthcoming === true ? { forthcoming } : {}),
  };
}

/**
 * A part of a disk out of Ganeti's form. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeDiskPart(json: unknown): DiskPart {
  return decodeData(checkObject(wireDisk(), json, 'part of a disk'));
}

/** What disks and their parts have in common. */
function decodeData(wire: WireDisk): DiskPart {
  const location = locationSchema(wire.dev_type).safeParse(wire.logical_id);
  if (!location.success) {
    throw corruptObject(wire, 'disk', `logical_id: it is no place of a ${wire.dev_type} disk`);
  }
  return {
    id: wire.uuid,
    template: wire.dev_type,
    sizeMib: wire.size,
    location: location.data,
    params: wire.params ?? {},
    nodes: wire.nodes ?? [],
  };
}

/**
 * A disk in Ganeti's form, or a part of one: parts have no position, mode or name. What is not in a
 * configuration yet (serial 0) has no serial number, no times, and lists no children but real ones.
 * @public
 */
export function encodeDisk(disk: Disk | DiskPart, options: EncodeDiskOptions = {}): JsonObject {
  return 'instanceId' in disk ? encodeWhole(disk, options) : encodePart(disk, {}, options);
}

function encodeWhole(disk: Disk, options: EncodeDiskOptions): JsonObject {
  const { parts = [], mode, index, name, spindles, forthcoming = false } = disk;
  const isStored = disk.serial > 0;
  // Ganeti stamps a disk and its parts as one.
  const shared = { forthcoming, ...(isStored ? { ...encodeStamp(disk), children: [] } : {}) };
  const children = parts.map((part) => encodePart(part, shared, options));
  return {
    ...encodePart(disk, shared, options),
    ...encodeStored(disk),
    ...(children.length === 0 ? {} : { children }),
    ...present({ iv_name: `disk/${index}`, mode, name, spindles }),
  };
}

function encodePart(
  part: Disk | DiskPart,
  shared: JsonObject,
  options: EncodeDiskOptions,
): JsonObject {
  const { params = part.params } = options;
  return {
    forthcoming: false,
    ...shared,
    uuid: part.id,
    dev_type: part.template,
    size: part.sizeMib,
    logical_id: encodeLocation(part.location, options),
    nodes: part.nodes,
    params: typeof params === 'function' ? params(part) : params,
  };
}
