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
import type { HypervisorName } from '../model/hypervisor.js';
import type { NodeId } from '../model/ids.js';
import type { Params } from '../model/params.js';
import type { CallOptions, NothingMore } from './call.js';
import type { DiskCommands, DisksOf } from './disk-commands.js';
import type { ExportCommands, ExportTraits } from './exports.js';
import type {
  FileFacts,
  InstanceStatus,
  MirrorStatus,
  NodeFacts,
  OsFacts,
  OsRun,
  StorageUnit,
  VolumeFacts,
} from './node-facts.js';
import type { Replies, Reply } from './reply.js';
import type { OsParams, RuntimeInstance } from './runtime.js';
import type { TransferCommands, TransferQueries } from './transfer.js';

/**
 * Questions. None of them changes anything.
 * @public
 */
export interface NodeQueries extends TransferQueries, ExportTraits {
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
      /** Its start may have been broken off: what that has left besides the guest goes, too. */
      readonly halfStarted?: true;
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
}

/**
 * All commands.
 * @public
 */
export interface NodeCommands
  extends DiskCommands,
    OsCommands,
    PowerCommands,
    TransferCommands,
    ExportCommands {}

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
