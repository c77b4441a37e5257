/**
 * What nodes can be told about disks. The contract of all commands holds (see `node-rpc.ts`).
 */
import type { Disk, DiskPart } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { CallOptions } from './call.js';
import type { Reply } from './reply.js';
import type { RuntimeInstance } from './runtime.js';

/**
 * Disks of an instance that a node is asked or told about at once.
 * @public
 */
export interface DisksOf {
  /** The disks. */
  readonly disks: readonly Disk[];
  /** The instance that they belong to. */
  readonly runtime: RuntimeInstance;
}

/**
 * Commands about disks.
 * @public
 */
export interface DiskCommands {
  /**
   * Makes a directory for an instance's disk files, and what is missing on the way to it, below
   * an allowed root only. Answers with the paths of the directories that it made, outermost first;
   * what was there is not among them. If it cannot, it takes away again what it made.
   */
  createStorageDir(
    node: NodeId,
    request: { readonly path: string },
    call?: CallOptions,
  ): Promise<Reply<readonly string[]>>;
  /** Removes such a directory if it is empty; a missing one is fine. */
  removeStorageDir(
    node: NodeId,
    request: { readonly path: string },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /**
   * Makes a disk, or a part of one. Fails, and touches nothing, if something is there already.
   */
  createDisk(
    node: NodeId,
    request: {
      readonly disk: Disk | DiskPart;
      /** The owning instance's name. */
      readonly owner: string;
      /** A note that storage keeps with the disk where it can. */
      readonly info: string;
      /** The owning instance, as it will be; daemons want it. */
      readonly runtime?: RuntimeInstance;
      /** Whether this is the instance's primary node; true if not given. */
      readonly onPrimary?: boolean;
      /** Whether no two disks may share a spindle; false if not given. */
      readonly exclusiveStorage?: boolean;
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Overwrites a disk, or a stretch of it, with zeros. */
  wipeDisk(
    node: NodeId,
    request: {
      readonly disk: Disk;
      readonly runtime?: RuntimeInstance;
      /** Where to begin, MiB; 0 if not given. */
      readonly offsetMib?: number;
      /** How much, MiB; up to the end if not given. */
      readonly lengthMib?: number;
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Writes an image, a path on the node or a URL, onto a disk. */
  imageDisk(
    node: NodeId,
    request: { readonly disk: Disk; readonly runtime: RuntimeInstance; readonly image: string },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Pauses or resumes the syncing of mirrors; tells for each disk whether that worked. */
  pauseSync(
    node: NodeId,
    request: DisksOf & { readonly pause: boolean },
    call?: CallOptions,
  ): Promise<Reply<readonly boolean[]>>;
  /** Gives logical volumes the names that the disks' locations say. */
  renameVolumes(
    node: NodeId,
    request: {
      readonly runtime: RuntimeInstance;
      /** Disks as they shall be, and the names of their volumes now. */
      readonly renames: readonly { readonly disk: Disk; readonly volumeNow: string }[];
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Makes a disk usable; answers with the device's path. */
  assembleDisk(
    node: NodeId,
    request: {
      readonly disk: Disk;
      readonly runtime: RuntimeInstance;
      readonly onPrimary: boolean;
    },
    call?: CallOptions,
  ): Promise<Reply<string>>;
  /** Gives a disk back that was made usable; one that is not in use is fine. */
  shutdownDisk(
    node: NodeId,
    request: { readonly disk: Disk; readonly runtime: RuntimeInstance },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Removes a disk, or a part of one; a missing one is fine. */
  removeDisk(
    node: NodeId,
    request: { readonly disk: Disk | DiskPart; readonly runtime?: RuntimeInstance },
    call?: CallOptions,
  ): Promise<Reply<void>>;
}
