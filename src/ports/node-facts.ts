/**
 * What nodes tell of themselves and of what is on them.
 */

/**
 * What one node has.
 * @public
 */
export interface NodeFacts {
  /** Physical memory, MiB. */
  readonly memoryTotalMib: number;
  /** Memory that new instances could get, MiB. */
  readonly memoryFreeMib: number;
  /** Memory that the node itself uses, MiB. */
  readonly memoryNodeMib: number;
  /** Processors. */
  readonly cpuTotal: number;
  /** Processors that the node itself uses; absent: not known. */
  readonly cpuNode?: number;
  /** Space per storage asked for, in the same order. */
  readonly storage: readonly StorageSpace[];
}

/**
 * A storage whose space is asked for.
 * @public
 */
export interface StorageUnit {
  /** Kind of storage; `lvm-pv` tells spindles, as a number of volumes. */
  readonly kind: 'file' | 'sharedfile' | 'gluster' | 'lvm-vg' | 'lvm-pv';
  /** Directory or volume group. */
  readonly key: string;
}

/**
 * Space of one storage.
 * @public
 */
export interface StorageSpace extends StorageUnit {
  /** Size, MiB; absent if the storage cannot tell. */
  readonly totalMib?: number;
  /** Unused, MiB; absent if the storage cannot tell. */
  readonly freeMib?: number;
}

/**
 * A logical volume that a node has.
 * @public
 */
export interface VolumeFacts {
  /** Size, MiB; may have a fraction. */
  readonly sizeMib: number;
  /** Whether something uses it now. */
  readonly online: boolean;
}

/**
 * How far a disk's mirrors agree.
 * @public
 */
export interface MirrorStatus {
  /** How much of the data is in sync, per cent; absent: all of it. */
  readonly syncPercent?: number;
  /** How long the rest will take, seconds; absent: not known. */
  readonly estimatedS?: number;
  /** Whether one side is missing or out of date. */
  readonly degraded: boolean;
  /** Whether the data on the node itself are good; absent: not known. */
  readonly local?: 'ok' | 'syncing' | 'unknown' | 'faulty';
}

/**
 * A file on a node.
 * @public
 */
export interface FileFacts {
  /** Whether it is there. */
  readonly exists: boolean;
  /** Size in bytes; absent if it is not there. */
  readonly sizeBytes?: number;
}

/**
 * An instance as a node sees it.
 * @public
 */
export interface InstanceStatus {
  /** Whether the guest runs. */
  readonly running: boolean;
  /** Memory that it has, MiB. */
  readonly memoryMib: number;
  /** Processors that it has. */
  readonly vcpus: number;
}

/**
 * An OS definition on a node.
 * @public
 */
export interface OsFacts {
  /** Name, without variant. */
  readonly name: string;
  /** Versions of the OS interface that the definition supports. */
  readonly apiVersions: readonly number[];
  /** Variants; empty if it has none. */
  readonly variants: readonly string[];
  /** Parameters that it takes: name and description. */
  readonly parameters: readonly (readonly [name: string, description: string])[];
  /** Whether its create script may run on the node itself. */
  readonly trusted: boolean;
}

/**
 * What came of an OS script that succeeded.
 * @public
 */
export interface OsRun {
  /** Where the node keeps the script's output, if it does. */
  readonly logPath?: string;
}
