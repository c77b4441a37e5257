/**
 * What a node can be asked and told. The port speaks of instances, disks and operating systems; an
 * adapter translates it into local system calls or into the node daemon's wire protocol.
 *
 * Split by who may call: queries are all that `checkPrereq` can see; commands are for `exec`.
 * Every method takes the node (or nodes), one request object, and the call's options.
 *
 * Contract of all commands: the caller chooses names and ids; doing twice what was done already is
 * harmless (`removeDisk` of a disk that is not there succeeds), so that undo can be repeated. The
 * one exception is `createDisk`: what exists already is never touched, and the call fails.
 */
import type { Disk, DiskPart } from '../model/disk.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { NodeId } from '../model/ids.js';
import type { Params } from '../model/params.js';
import type { Replies, Reply } from './reply.js';
import type { OsParams, RuntimeInstance } from './runtime.js';
import type { NothingMore, TransferCommands, TransferQueries } from './transfer.js';

/**
 * How far a long call has come.
 * @public
 */
export interface CallProgress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** What is being done, if there is more to say. */
  readonly message?: string;
}

/**
 * What goes with every call. The session fills it in; an LU need not give it.
 * @public
 */
export interface CallOptions {
  /** Aborts the call. The adapter stops what it started, then answers `aborted`. */
  readonly signal?: AbortSignal;
  /** Most time the call may take, milliseconds. */
  readonly timeoutMs?: number;
  /** Told what is worth knowing but no failure, in words. */
  readonly onInfo?: (message: string) => void;
  /** Told about the progress of long calls. */
  readonly onProgress?: (progress: CallProgress) => void;
}

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
 * Questions. None of them changes anything.
 * @public
 */
export interface NodeQueries extends TransferQueries {
  /** Memory, processors and space of nodes. */
  nodeInfo(
    nodes: readonly NodeId[],
    request: {
      readonly storage: readonly StorageUnit[];
      readonly hypervisor?: HypervisorName;
      /** The hypervisor's parameters, filled; what is not given counts as the cluster's. */
      readonly hvParams?: Params;
    },
    call?: CallOptions,
  ): Promise<Replies<NodeId, NodeFacts>>;
  /** Whether nodes accept hypervisor parameters (files exist, programs are there …). */
  validateHypervisor(
    nodes: readonly NodeId[],
    request: { readonly hypervisor: HypervisorName; readonly params: Params },
    call?: CallOptions,
  ): Promise<Replies<NodeId, void>>;
  /** Whether nodes have an OS and it accepts the parameters. `false`: the OS is not there. */
  validateOs(
    nodes: readonly NodeId[],
    request: { readonly os: string; readonly params: OsParams; readonly forceVariant: boolean },
    call?: CallOptions,
  ): Promise<Replies<NodeId, boolean>>;
  /** An OS definition, by name without variant; `undefined` if there is no usable one. */
  findOs(
    node: NodeId,
    request: { readonly os: string },
    call?: CallOptions,
  ): Promise<Reply<OsFacts | undefined>>;
  /** Whether all these bridges exist. */
  bridgesExist(
    node: NodeId,
    request: { readonly bridges: readonly string[] },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** An instance's state; `undefined` if the node does not know it. */
  instanceStatus(
    node: NodeId,
    request: {
      readonly name: string;
      readonly hypervisor: HypervisorName;
      readonly hvParams: Params;
    },
    call?: CallOptions,
  ): Promise<Reply<InstanceStatus | undefined>>;
  /** What runs on nodes, by instance name. */
  allInstances(
    nodes: readonly NodeId[],
    request: {
      readonly hypervisors: readonly HypervisorName[];
      /** Parameters of each of them, filled. */
      readonly hvParams: Readonly<Partial<Record<HypervisorName, Params>>>;
    },
    call?: CallOptions,
  ): Promise<Replies<NodeId, ReadonlyMap<string, InstanceStatus>>>;
  /** Volume groups: names and sizes in MiB. */
  volumeGroups(
    node: NodeId,
    request: NothingMore,
    call?: CallOptions,
  ): Promise<Reply<ReadonlyMap<string, number>>>;
  /** Logical volumes of volume groups, by `group/volume`. */
  volumes(
    node: NodeId,
    request: { readonly groups: readonly string[] },
    call?: CallOptions,
  ): Promise<Reply<ReadonlyMap<string, VolumeFacts>>>;
  /** Sizes of block devices in MiB, by path; what is no device is left out. */
  deviceSizes(
    node: NodeId,
    request: { readonly paths: readonly string[] },
    call?: CallOptions,
  ): Promise<Reply<ReadonlyMap<string, number>>>;
  /** A file, if the node lets it be looked at. */
  fileFacts(
    node: NodeId,
    request: { readonly path: string },
    call?: CallOptions,
  ): Promise<Reply<FileFacts>>;
  /** State of disks' mirrors, in the same order. */
  mirrorStatus(
    node: NodeId,
    request: DisksOf,
    call?: CallOptions,
  ): Promise<Reply<readonly MirrorStatus[]>>;
  /** Names of the instances that run. */
  runningInstances(
    node: NodeId,
    request: { readonly hypervisors: readonly HypervisorName[] },
    call?: CallOptions,
  ): Promise<Reply<readonly string[]>>;
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

/**
 * Commands about operating systems.
 * @public
 */
export interface OsCommands {
  /** Runs the OS's create script on the instance's disks. */
  installOs(
    node: NodeId,
    request: { readonly runtime: RuntimeInstance; readonly reinstall: boolean },
    call?: CallOptions,
  ): Promise<Reply<OsRun>>;
  /**
   * Packs an OS definition's scripts, for a helper machine to run; answers with the package's URL.
   * `env` is added to the scripts' environment.
   */
  exportOs(
    node: NodeId,
    request: {
      readonly runtime: RuntimeInstance;
      readonly env: Readonly<Record<string, string>>;
    },
    call?: CallOptions,
  ): Promise<Reply<string>>;
  /** Tells the node's metadata service what the guest may ask for. */
  publishMetadata(
    node: NodeId,
    request: { readonly runtime: RuntimeInstance },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Runs the OS's rename script: the guest learns its new name. */
  renameOs(
    node: NodeId,
    request: { readonly runtime: RuntimeInstance; readonly oldName: string },
    call?: CallOptions,
  ): Promise<Reply<OsRun>>;
}

/**
 * What came of an OS script that succeeded.
 * @public
 */
export interface OsRun {
  /** Where the node keeps the script's output, if it does. */
  readonly logPath?: string;
}

/**
 * Commands about running guests.
 * @public
 */
export interface PowerCommands {
  /** Starts an instance. One that runs already is fine. */
  startInstance(
    node: NodeId,
    request: {
      readonly runtime: RuntimeInstance;
      readonly paused: boolean;
      /** What it shall do: be the guest, which it is if not given, or install one. */
      readonly purpose?: 'guest' | 'helper';
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Stops an instance: asks the guest, after `graceMs` pulls the plug. A stopped one is fine. */
  stopInstance(
    node: NodeId,
    request: {
      readonly name: string;
      readonly hypervisor: HypervisorName;
      readonly hvParams: Params;
      readonly graceMs: number;
      /** The whole instance; daemons want it. */
      readonly runtime?: RuntimeInstance;
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
}

/**
 * All commands.
 * @public
 */
export interface NodeCommands
  extends DiskCommands, OsCommands, PowerCommands, TransferCommands {}

/**
 * Everything that a node does.
 * @public
 */
export interface NodeRpc extends NodeQueries, NodeCommands {
  /**
   * Whether the adapter itself answers for nodes that are marked offline. If not (the normal case),
   * it is never given one, and its caller answers.
   */
  readonly seesOffline?: true;
}
