/**
 * Disks as node daemons get them.
 *
 * E1 All parameters are filled in, under the names that disks know.
 * E2 A mirrored disk looks different from each of its nodes: who is here, who is over there.
 * E3 A part on its own keeps what its mirrored disk has given it.
 * E4 A disk that is not among its instance's disks is told without a place among them.
 */
import type { Disk, DiskPart, MirrorLocation } from '../../model/disk.js';
import { fillDiskParams, logicalDiskParams, partParams } from '../../model/disk-params.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import type { NodeId } from '../../model/ids.js';
import type { NodeGroup } from '../../model/node.js';
import type { Params } from '../../model/params.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { encodeDisk, type EncodeDiskOptions } from '../objects/disk.js';
import type { WireObject, WireValue } from './transport.js';

/** What a disk's encoding depends on, besides the disk. */
export interface DiskView {
  readonly config: ConfigReader;
  /** The node that is called. */
  readonly node: NodeId;
  /** The instance that the disk belongs to, where it is known. */
  readonly runtime?: RuntimeInstance | undefined;
}

/** The disk as the configuration holds it. */
export function plainDisk(disk: Disk | DiskPart, runtime: RuntimeInstance | undefined): WireObject {
  return encode(disk, runtime, {});
}

/** The same with all parameters that hold for it. */
export function filledDisk(disk: Disk | DiskPart, view: DiskView): WireObject {
  return encode(disk, view.runtime, { params: filler(disk, view) });
}

/** The disk as `view.node` gets it. */
export function wireDisk(disk: Disk | DiskPart, view: DiskView): WireObject {
  return { ...filledDisk(disk, view), dynamic_params: dynamicParams(disk, view) };
}

/** Whether the disk is, as far as is known, among its instance's. */
export function isAttached({ id }: Disk | DiskPart, runtime: RuntimeInstance | undefined): boolean {
  return runtime?.disks.some((disk) => disk.id === id) ?? true;
}

function encode(
  disk: Disk | DiskPart,
  runtime: RuntimeInstance | undefined,
  options: EncodeDiskOptions,
): WireObject {
  const encoded: WireObject = {
    ...encodeDisk(disk, options),
    ...(disk.location.kind === 'drbd' ? { logical_id: sealedPlace(disk.location) } : {}),
  };
  if (isTemporary(disk)) {
    const { forthcoming: _reserved, ...temporary } = encoded;
    return temporary;
  }
  if (isAttached(disk, runtime)) return encoded;
  const { iv_name: _place, ...unplaced } = encoded;
  return unplaced;
}

/** Whether the disk was made for one operation: it is never reserved. */
export function isTemporary(disk: Disk | DiskPart): boolean {
  return 'temporary' in disk && disk.temporary === true;
}

/** A disk that is being made or removed by itself: it has no place, no parts and no nodes. */
export function bareDisk(encoded: WireObject): WireObject {
  const { iv_name: _place, children: _parts, nodes: _nodes, ...bare } = encoded;
  return bare;
}

/** The place of a mirror with its secret closed. */
function sealedPlace({ nodes, port, minors, secret }: MirrorLocation): WireValue {
  return [...nodes, port, ...minors, secret];
}

/** Tells the parameters of the disk and of its parts. */
function filler(disk: Disk | DiskPart, view: DiskView): (one: Disk | DiskPart) => Params {
  const group = groupOf(disk, view);
  const paramsOf = (template: DiskTemplate): Params =>
    fillDiskParams(view.config.cluster, group, template);
  const wholes = [...('index' in disk ? [disk] : []), ...(view.runtime?.disks ?? [])];
  return (one) => {
    for (const { template, parts = [] } of wholes) {
      const place = parts.findIndex(({ id }) => id === one.id);
      const inherited = partParams(template, paramsOf(template))[place];
      if (inherited !== undefined) return { ...inherited, ...one.params };
    }
    return logicalDiskParams(one.template, paramsOf(one.template), one.params);
  };
}

/** The group whose disk parameters hold: that of the instance's primary node. */
function groupOf(
  disk: Disk | DiskPart,
  { config, node, runtime }: DiskView,
): NodeGroup | undefined {
  const owner = 'instanceId' in disk ? config.find('instance', disk.instanceId) : undefined;
  const primary = runtime?.instance.primaryNode ?? owner?.primaryNode ?? node;
  const found = config.find('node', primary);
  return found === undefined ? undefined : config.find('group', found.groupId);
}

function dynamicParams({ location }: Disk | DiskPart, { config, node }: DiskView): WireObject {
  if (location.kind !== 'drbd') return {};
  const here = location.nodes.indexOf(node);
  if (here === -1) return {};
  const [mine, theirs] = here === 0 ? ([0, 1] as const) : ([1, 0] as const);
  return {
    'local-ip': config.node(location.nodes[mine]).secondaryIp,
    'remote-ip': config.node(location.nodes[theirs]).secondaryIp,
    'local-minor': location.minors[mine],
    'remote-minor': location.minors[theirs],
  };
}
