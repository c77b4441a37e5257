/**
 * Ganeti's `config.data` as objects for a configuration store. What has no meaning here is kept as
 * a rest, so that the configuration can be written back whole.
 *
 * C1 Nothing is dropped: written back without changes, the configuration equals what was read.
 * C2 Each object stands under its own UUID.
 */
import { z } from 'zod';
import { ConfigError } from '../../errors.js';
import type { Disk } from '../../model/disk.js';
import type { InstanceId } from '../../model/ids.js';
import { decodeCluster } from '../objects/cluster.js';
import { decodeDisk } from '../objects/disk.js';
import { checkObject, corruptObject } from '../objects/fields.js';
import { decodeGroup } from '../objects/group.js';
import { decodeInstance } from '../objects/instance.js';
import { decodeNetwork } from '../objects/network.js';
import { decodeNode } from '../objects/node.js';
import { once } from '../wire/check.js';
import { type JsonObject, parseJson, refuseTraps } from '../wire/json.js';
import { cardIpsByNetwork, type ConfigObjects, CONFIG_VERSION, encodeConfig } from './encode.js';
import { type ConfigRest, restOf } from './rest.js';

/**
 * A configuration that was read, ready for `initConfig`.
 * @public
 */
export interface ConfigData extends ConfigObjects {
  /** What has no meaning here, for `writeConfigData`. */
  readonly rest: ConfigRest;
}

const WHAT = 'The configuration';

/** Characters; the file of ten thousand instances has some fifty million. */
const MAX_LENGTH = 2 ** 29;

const wireConfig = once(() => {
  const objects = z.record(z.string(), z.unknown());
  return z.object({
    version: z.int(),
    cluster: z.unknown(),
    nodes: objects,
    nodegroups: objects,
    instances: objects,
    networks: objects,
    disks: objects,
  });
});

type WireConfig = z.output<ReturnType<typeof wireConfig>>;

/**
 * Reads a `config.data`, text or parsed, of Ganeti 3.0. Disks that no instance lists are kept in
 * the rest only. Throws `ConfigError` `corrupt` that names object and field.
 * @public
 */
export function readConfigData(source: string | JsonObject): ConfigData {
  const data = typeof source === 'string' ? parse(source) : guarded(source);
  const wire = checkObject(wireConfig(), data, 'configuration');
  if (wire.version !== CONFIG_VERSION) {
    fail(`${WHAT} has version ${wire.version}, not ${CONFIG_VERSION}; upgrade it by Ganeti 3.0`);
  }
  const objects = decode(wire);
  const encoded = encodeConfig(objects, {});
  return { ...objects, rest: withPools(restOf(encoded, data) ?? {}, encoded) };
}

/** To see later whether a pool has changed, its marks are kept where the reserved ones differ. */
function withPools(rest: ConfigRest, encoded: JsonObject): ConfigRest {
  const networks = rest.fields?.['networks']?.fields;
  if (networks === undefined) return rest;
  const marked = Object.entries(networks).map(([id, network]): [string, ConfigRest] => {
    const now = (encoded['networks'] as Readonly<Record<string, JsonObject>>)[id];
    const marks = now?.['reservations'];
    const isKept = network.fields?.['ext_reservations'] === undefined || marks === undefined;
    if (isKept) return [id, network];
    return [id, { fields: { reservations: { had: marks, was: marks }, ...network.fields } }];
  });
  return { fields: { ...rest.fields, networks: { fields: Object.fromEntries(marked) } } };
}

function parse(text: string): JsonObject {
  return parseJson(text, { what: WHAT, maxLength: MAX_LENGTH }, fail) as JsonObject;
}

function guarded(data: JsonObject): JsonObject {
  refuseTraps(data, WHAT, fail);
  return data;
}

function fail(message: string, options?: ErrorOptions): never {
  throw new ConfigError(message, 'corrupt', options);
}

function decode(wire: WireConfig): ConfigObjects {
  const disksOf = disksByInstance(wire);
  const instances = Object.entries(wire.instances).map(([id, json]) =>
    underId(id, decodeInstance(json, disksOf(id)), json),
  );
  const cardIps = cardIpsByNetwork(instances);
  return {
    cluster: decodeCluster(wire.cluster),
    nodes: all(wire.nodes, decodeNode),
    groups: all(wire.nodegroups, decodeGroup),
    networks: all(wire.networks, (json, id) => decodeNetwork(json, cardIps.get(id) ?? [])),
    instances,
    disks: instances.flatMap(({ id }) => disksOf(id)),
  };
}

/** Decodes the disks that instances list; the position in the list is the disk's index. */
function disksByInstance(wire: WireConfig): (instance: string) => readonly Disk[] {
  const lists = z.object({ disks: z.array(z.string()) });
  const disks = new Map<string, readonly Disk[]>();
  for (const [instance, json] of Object.entries(wire.instances)) {
    const ids = checkObject(lists, json, 'instance').disks;
    const decoded = ids.map((id, index) => {
      const disk = wire.disks[id];
      if (disk === undefined) throw corruptObject(json, 'instance', `disks: there is no ${id}`);
      return underId(id, decodeDisk(disk, { instanceId: instance as InstanceId, index }), disk);
    });
    disks.set(instance, decoded);
  }
  return (instance) => disks.get(instance) ?? [];
}

function all<T extends { readonly id: string }>(
  objects: Readonly<Record<string, unknown>>,
  decode: (json: unknown, id: string) => T,
): T[] {
  return Object.entries(objects).map(([id, json]) => underId(id, decode(json, id), json));
}

function underId<T extends { readonly id: string }>(id: string, object: T, json: unknown): T {
  if (object.id === id) return object;
  throw corruptObject(json, 'object', `uuid: it stands under ${id}, but is ${object.id}`);
}
