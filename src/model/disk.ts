/**
 * Disks: what the cluster knows of an instance's storage, and where the data lie.
 */
import type { DiskTemplate } from './disk-template.js';
import type { DiskId, InstanceId, Stored } from './ids.js';
import type { Params } from './params.js';

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
export type DiskLocation = FileLocation;

/**
 * A file. The path is absolute and below the cluster's directory for its template.
 * @public
 */
export interface FileLocation {
  /** Tag. */
  readonly kind: 'file';
  /** How the file is attached. */
  readonly driver: FileDriver;
  /** Absolute path. */
  readonly path: string;
  /**
   * Directories that were made for the instance's disks, innermost first. They go when the instance
   * goes, unless something else is in them. Absent: not known; then it is the file's directory.
   */
  readonly madeDirectories?: readonly string[];
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
  /** What differs from the group's disk parameters. */
  readonly params: Params;
}

/**
 * Most disks that an instance may have (Ganeti's `MAX_DISKS`).
 * @public
 */
export const MAX_DISKS = 16;
