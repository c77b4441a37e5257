/**
 * The doors between the rooms: what each phase hands to the next. All values are frozen data.
 *
 * T1 A combination that makes no sense cannot be written down.
 * T2 A value is decided in one room. The plan is complete: the work fills no defaults.
 * T3 The stages of the work differ by type, so that a step cannot be taken before its time.
 */
import type { BeParams } from '../model/be-params.js';
import type { DiskTemplate } from '../model/disk-template.js';
import type { Disk, DiskMode, FileDriver } from '../model/disk.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { InstanceId, NetworkId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { NicParams } from '../model/nic.js';
import type { Params } from '../model/params.js';
import type { DeferredUndo } from '../ports/journal.js';
import type { OsParams, RuntimeInstance, RuntimeNic } from '../ports/runtime.js';
import type { GivenDisk } from './args/disk-params.js';
import type { CreateMode, CreateOp, NicRequest } from './op.js';
import type { Imported, SourceArgs } from './source/source.js';

/**
 * A disk as wanted.
 * @public
 */
export interface DiskSpec {
  /** Size, MiB; above 0, but for a disk that is taken over, until it was looked at. */
  readonly sizeMib: number;
  /** Whether the guest may write. */
  readonly mode: DiskMode;
  /** A name given by the operator. */
  readonly name?: string;
  /** What is taken over: the name of a volume in the group, or the path of a device. */
  readonly adopt?: string;
  /** Volume group; whether the template has any or not. Absent: neither has the cluster. */
  readonly volumeGroup?: string;
  /** Volume group of metadata; the group's parameter if absent. */
  readonly metaVolumeGroup?: string;
  /** Spindles that it takes, with exclusive storage. */
  readonly spindles?: number;
  /** How the hypervisor reaches it, for storage where that can be chosen. */
  readonly access?: string;
  /** Who provides external storage. */
  readonly provider?: string;
  /** The provider's own parameters. */
  readonly providerParams?: Readonly<Record<string, string | number>>;
}

/**
 * A network card as wanted, its form checked. Addresses of a pool are drawn once the nodes are
 * known, since the nodes' group says how it is connected to the network.
 * @public
 */
export interface NicSpec {
  /** Hardware address: given, or to be drawn. An import keeps its own in place of `auto`. */
  readonly mac:
    | { readonly kind: 'auto' | 'generate' }
    | { readonly kind: 'given'; readonly address: string };
  /** Address: none, one of the network's pool, or a given one. */
  readonly ip:
    | { readonly kind: 'none' }
    | { readonly kind: 'pool' }
    | { readonly kind: 'given'; readonly address: string };
  /** The network to join. */
  readonly networkId?: NetworkId;
  /** What was asked for; the cluster fills the rest. In a network, its parameters replace these. */
  readonly params: Partial<NicParams>;
  /** A name given by the operator. */
  readonly name?: string;
}

/**
 * A node as a request names it: by name, by UUID, or by both, which then have to mean the same.
 * @public
 */
export interface NodeRef {
  /** Host name, perhaps a short one, or UUID. */
  readonly name?: string;
  /** UUID. */
  readonly id?: string;
}

/**
 * Who decides the nodes. `Node` is a reference at first, and an id once it was looked up.
 * @public
 */
export type Placement<Node> = PlacedByOperator<Node> | PlacedByAllocator | PlacedBefore;

/**
 * The operator names the nodes.
 * @public
 */
export interface PlacedByOperator<Node> {
  /** Tag. */
  readonly by: 'operator';
  /** The primary node. */
  readonly primary: Node;
  /** The secondary node, for storage with mirrors. */
  readonly secondary?: Node;
}

/**
 * The nodes were chosen when the instance was reserved.
 * @public
 */
export interface PlacedBefore {
  /** Tag. */
  readonly by: 'reservation';
  /** The primary node. */
  readonly primary: NodeId;
  /** The secondary node, for storage with mirrors. */
  readonly secondary?: NodeId;
}

/**
 * An allocator chooses the nodes.
 * @public
 */
export interface PlacedByAllocator {
  /** Tag. */
  readonly by: 'allocator';
  /** Its name. */
  readonly allocator: string;
  /** Whether it chooses among free nodes only. */
  readonly opportunistic: boolean;
  /** The only group that it may choose from. */
  readonly groupName?: string;
}

/**
 * The operating system as wanted.
 * @public
 */
export interface OsSpec {
  /** OS definition with variant; absent: none is installed. */
  readonly type?: string;
  /** Disk image that is written to the first disk, a path or URL; absent: none. */
  readonly image?: string;
  /** The instance's own parameters. */
  readonly params: OsParams;
  /** Whether variants that the definition does not list are fine. */
  readonly forceVariant: boolean;
  /** Whether its create script is wanted. */
  readonly install: boolean;
}

/**
 * Where and how disks are kept.
 * @public
 */
export interface StorageSpec {
  /** Kind of storage. */
  readonly template: DiskTemplate;
  /** How files are attached. */
  readonly driver: FileDriver;
  /** Directory below the cluster's own, in which the instance's is made. */
  readonly subdirectory?: string;
}

/**
 * Checks that the operator wants.
 * @public
 */
export interface WantedChecks {
  /** Look the name up. */
  readonly name: boolean;
  /** Refuse if something answers at the name's address. */
  readonly ip: boolean;
  /** Refuse addresses that belong to a network which the card is not in. */
  readonly conflicts: boolean;
  /** Refuse what the group's policy forbids. */
  readonly policy: boolean;
}

/**
 * The request, understood as far as that needs no lock. Parameters stay as they were given until
 * the locks are held, since an import may bring some.
 * @public
 */
export interface CreateArgs {
  /** How the instance comes to life. */
  readonly mode: CreateMode;
  /** The request. */
  readonly op: CreateOp;
  /** Its name, and the address that it resolves to. */
  readonly host: InstanceHost;
  /** Where and how its disks are kept. */
  readonly storage: StorageSpec;
  /** Its disks, in order. */
  readonly disks: readonly GivenDisk[];
  /** Whether the disks exist already and are taken over. */
  readonly adopts: boolean;
  /** Its network cards, in order. */
  readonly nics: readonly NicRequest[];
  /** Who decides its nodes. */
  readonly placement: Placement<NodeRef>;
  /** Whether it will be started. */
  readonly start: boolean;
  /** Whether its place is only reserved, or was reserved before. */
  readonly forthcoming: boolean;
  /** Whether it was reserved before, and is made now. */
  readonly commit: boolean;
  /** What the operator wants checked. */
  readonly checks: WantedChecks;
  /** What the mode has understood of the request. */
  readonly sourceArgs: SourceArgs;
}

/**
 * A name that an instance will have.
 * @public
 */
export interface InstanceHost {
  /** Host name. */
  readonly name: string;
  /** The address that it resolves to, if it was looked up. */
  readonly ip?: string;
}

/**
 * Where the contents come from, if they come from a node.
 * @public
 */
export interface Origin {
  /** The node with the export; `search`: it has to be found; absent: none. */
  readonly node?: NodeId | 'search';
  /** The export's directory, or its name if it has to be found. */
  readonly path?: string;
}

/**
 * The request with its names looked up.
 * @public
 */
export interface CreateNames extends Omit<CreateArgs, 'placement'> {
  /** Who decides its nodes. */
  readonly placement: Placement<NodeId>;
  /** Where the contents come from. */
  readonly origin: Origin;
  /** The reserved instance that is made now. */
  readonly reservedId?: InstanceId;
}

/**
 * What is wanted, all told: the request with what an import brought.
 * @public
 */
export interface Wanted extends Omit<CreateNames, 'op'> {
  /** The request, with the import's values where it has none of its own. */
  readonly op: CreateOp;
  /** What runs it. */
  readonly hypervisor: HypervisorName;
  /** What the mode has read, for the work. */
  readonly imported?: Imported;
}

/** All parameters: what is kept with the instance, and what it runs with. */
export interface PlannedParams {
  readonly own: {
    readonly hv: Params;
    readonly be: Partial<BeParams>;
    readonly os: OsParams;
  };
  readonly filled: {
    readonly hv: Params;
    readonly be: BeParams;
    readonly os: OsParams;
  };
}

/**
 * A node in a plan.
 * @public
 */
export interface PlannedNode {
  /** UUID. */
  readonly id: NodeId;
  /** Host name. */
  readonly name: string;
}

/**
 * The nodes of an instance.
 * @public
 */
export interface PlannedNodes {
  /** Where it runs. */
  readonly primary: PlannedNode;
  /** Where copies of its disks are kept. */
  readonly secondaries: readonly PlannedNode[];
}

/**
 * What will be done with the instance once its disks exist.
 * @public
 */
export interface PlannedSteps {
  /** Overwrite the disks first. */
  readonly wipe: boolean;
  /** Write this image, a path on the node or a URL, to the first disk. */
  readonly image?: string;
  /** Put contents on the disks: by the OS's scripts, or from where the instance comes from. */
  readonly install: boolean;
  /** Wait until mirrors are in sync; if not, they are paused while the OS is installed. */
  readonly waitForSync: boolean;
  /** Start it. */
  readonly start: boolean;
}

/**
 * How an instance comes to its disks: they are made, or taken over, or only reserved.
 * @public
 */
export type ProvisionKind = 'make' | 'adopt' | 'reserve';

/**
 * A volume that is taken over: the disk that it will be, and its name now.
 * @public
 */
export interface AdoptedVolume {
  /** The disk. */
  readonly disk: Disk;
  /** The volume's name in its group. */
  readonly volume: string;
}

/**
 * Everything that the work needs, decided. This is what a dry run shows; as JSON it shows no
 * secret.
 * @public
 */
export interface CreatePlan {
  /** How the instance comes to life. */
  readonly mode: CreateMode;
  /** Where. */
  readonly nodes: PlannedNodes;
  /** The instance as it will be registered: stopped. */
  readonly instance: Instance;
  /** The reserved instance that it takes the place of. */
  readonly replaces?: Instance;
  /** How it comes to its disks. */
  readonly provision: ProvisionKind;
  /** The disks that it will have. */
  readonly disks: readonly Disk[];
  /** Volumes that are taken over. */
  readonly adopted: readonly AdoptedVolume[];
  /** The disks as asked for. A diskless instance may have asked for some; none is made. */
  readonly wantedDisks: readonly DiskSpec[];
  /** Where the disks will lie if they are files, innermost first; what is missing is made. */
  readonly storageDirs: readonly string[];
  /** Nodes on which no two disks may share a spindle. */
  readonly exclusiveStorage: readonly NodeId[];
  /** All hypervisor parameters. */
  readonly hvParams: Params;
  /** All backend parameters. */
  readonly beParams: BeParams;
  /** All OS parameters. */
  readonly osParams: OsParams;
  /** Network cards with all their parameters. */
  readonly nics: readonly RuntimeNic[];
  /** What will be done. */
  readonly steps: PlannedSteps;
  /** Where the contents come from. */
  readonly origin: Origin;
  /** What was read there. */
  readonly imported?: Imported;
  /** The request, as far as the work needs it. */
  readonly request: PlannedRequest;
}

/**
 * What the work takes from the request as it is.
 * @public
 */
export interface PlannedRequest {
  /** What the mode has understood. */
  readonly sourceArgs: SourceArgs;
  /** Program that transfers compress with; `none` for none. */
  readonly compress: string;
  /** How long an instance may take to stop where it comes from, seconds. */
  readonly sourceShutdownTimeoutS: number;
  /** How long a helper machine may take to start, seconds; its own limit if absent. */
  readonly helperStartupTimeoutS?: number;
  /** How long a helper machine may run, seconds; its own limit if absent. */
  readonly helperShutdownTimeoutS?: number;
}

/**
 * Names of the nodes: primary first, then secondaries (Ganeti's result).
 * @public
 */
export type CreateResult = readonly string[];

interface Stage<Name extends string> {
  readonly stage: Name;
}

/** The disks exist. */
export interface Provisioned extends Stage<'provisioned'> {
  /** Directories that were made for them, innermost first. */
  readonly madeDirectories: readonly string[];
  /** By which they are taken back, until the instance is registered. */
  readonly undo?: DeferredUndo;
}

/** Instance and disks are in the configuration. */
export interface Registered extends Stage<'registered'> {
  readonly runtime: RuntimeInstance;
}

/** The disks may be written to by others than us. */
export interface Prepared extends Stage<'prepared'> {
  readonly runtime: RuntimeInstance;
}

/** There is something on the disks, if something was wanted. */
export interface Installed extends Stage<'installed'> {
  readonly runtime: RuntimeInstance;
}
