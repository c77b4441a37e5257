/**
 * Disks: what the cluster knows of an instance's storage, and where the data lie.
 */
import type { DiskTemplate } from './disk-template.js';
import type { DiskId, InstanceId, NodeId, Stored } from './ids.js';
import type { Params } from './params.js';
import type { Secret } from './secret.js';

/**
 * Whether the guest may write.
 * @public
 */
export type DiskMode = 'rw' | 'ro';

/**
 * How a file becomes a block device where the hypervisor needs one (Ganeti's file drivers).
 * @public
 */
export type FileDriver = 'loop' | 'blktap' | 'blktap2';

/**
 * Where a disk's data lie, tagged by kind of storage.
 * @public
 */
export type DiskLocation =
  | FileLocation
  | VolumeLocation
  | MirrorLocation
  | DeviceLocation
  | RbdLocation
  | ExtLocation;

/**
 * A file. The path is absolute and below the cluster's directory for its template; but for
 * `gluster`, whose volume is mounted by each user: there it is relative to the volume.
 * @public
 */
export interface FileLocation {
  /** Tag. */
  readonly kind: 'file';
  /** How the file is attached. */
  readonly driver: FileDriver;
  /** Path, see above. */
  readonly path: string;
  /**
   * Directories that were made for the instance's disks, innermost first. They go when the instance
   * goes, unless something else is in them. Absent: not known; then it is the file's directory.
   */
  readonly madeDirectories?: readonly string[];
}

/**
 * A logical volume.
 * @public
 */
export interface VolumeLocation {
  /** Tag. */
  readonly kind: 'lvm';
  /** The volume group. */
  readonly volumeGroup: string;
  /** The volume in it. */
  readonly volume: string;
}

/**
 * A pair of mirrored volumes, one on each of two nodes. The disk's parts are the volumes.
 * @public
 */
export interface MirrorLocation {
  /** Tag. */
  readonly kind: 'drbd';
  /** The nodes: primary, secondary. */
  readonly nodes: readonly [NodeId, NodeId];
  /** TCP port of the replication. */
  readonly port: number;
  /** Number of the device on each node. */
  readonly minors: readonly [number, number];
  /** What the two sides recognise each other by. */
  readonly secret: Secret<string>;
}

/**
 * A block device that the operator provides on every node, below `/dev/disk/`.
 * @public
 */
export interface DeviceLocation {
  /** Tag. */
  readonly kind: 'blockdev';
  /** Absolute path. */
  readonly path: string;
}

/**
 * An image in a Ceph pool; the pool is a disk parameter.
 * @public
 */
export interface RbdLocation {
  /** Tag. */
  readonly kind: 'rbd';
  /** The image's name. */
  readonly image: string;
}

/**
 * A volume of an external storage provider.
 * @public
 */
export interface ExtLocation {
  /** Tag. */
  readonly kind: 'ext';
  /** The provider's name. */
  readonly provider: string;
  /** The volume's name. */
  readonly volume: string;
}

/**
 * A volume that a mirrored disk is made of.
 * @public
 */
export interface DiskPart {
  /** The part's UUID. */
  readonly id: DiskId;
  /** Kind of storage. */
  readonly template: DiskTemplate;
  /** Size, MiB. */
  readonly sizeMib: number;
  /** Where the data lie. */
  readonly location: DiskLocation;
  /** What differs from the group's disk parameters. */
  readonly params: Params;
  /** Nodes that hold the data. */
  readonly nodes: readonly NodeId[];
}

/**
 * A disk of an instance.
 * @public
 */
export interface Disk extends Stored {
  /** The disk's UUID. */
  readonly id: DiskId;
  /** The instance that it belongs to. */
  readonly instanceId: InstanceId;
  /** Position among the instance's disks, from 0. */
  readonly index: number;
  /** Kind of storage. */
  readonly template: DiskTemplate;
  /** Size, MiB. */
  readonly sizeMib: number;
  /** Whether the guest may write. */
  readonly mode: DiskMode;
  /** A name given by the operator. */
  readonly name?: string;
  /** Where the data lie. */
  readonly location: DiskLocation;
  /** What differs from the group's disk parameters; for `ext`, also the provider's own. */
  readonly params: Params;
  /** Nodes that hold the data; empty if the storage is not on nodes. */
  readonly nodes: readonly NodeId[];
  /** Volumes that the disk is made of: data, then metadata. Absent: none. */
  readonly parts?: readonly DiskPart[];
  /** Spindles that the disk takes, with exclusive storage. */
  readonly spindles?: number;
  /** Reserved, not made yet. */
  readonly forthcoming?: true;
  /** Made for one operation, and removed by it: what a helper machine boots from. */
  readonly temporary?: true;
}

/**
 * Most disks that an instance may have (Ganeti's `MAX_DISKS`).
 * @public
 */
export const MAX_DISKS = 16;

type Locations = { readonly [L in DiskLocation as L['kind']]: L };

/** A DRBD device is known by its ends; the secret is no name. */
const PLACES: { readonly [K in keyof Locations]: (location: Locations[K]) => string } = {
  file: ({ path }) => path,
  lvm: ({ volumeGroup, volume }) => `${volumeGroup}/${volume}`,
  drbd: ({ nodes, minors }) => nodes.map((node, end) => `${node}/${minors[end]}`).join(','),
  blockdev: ({ path }) => path,
  rbd: ({ image }) => image,
  ext: ({ provider, volume }) => `${provider}/${volume}`,
};

/**
 * One text that names where data lie: `file:/srv/web1/disk0`, `lvm:xenvg/web1`. No two disks of a
 * cluster have the same; it is the value of claims of the kind `volume`, and fit for messages.
 * @public
 */
export function placeOf(location: DiskLocation): string {
  return `${location.kind}:${placeIn(location.kind, location)}`;
}

function placeIn<K extends keyof Locations>(kind: K, location: Locations[K]): string {
  return PLACES[kind](location);
}

/**
 * How messages name a place: by its path if it has one, else as {@link placeOf} does.
 */
export function whereOf(location: DiskLocation): string {
  return pathOf(location) ?? placeOf(location);
}

/**
 * The path of the file or device that the data lie in; `undefined` where only the node knows one.
 * @public
 */
export function pathOf(location: DiskLocation): string | undefined {
  return 'path' in location ? location.path : undefined;
}
