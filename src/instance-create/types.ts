/**
 * The doors between the rooms: what each phase hands to the next. All values are frozen data.
 *
 * T1 A combination that makes no sense cannot be written down.
 * T2 A value is decided in one room. The plan is complete: the work fills no defaults.
 * T3 The stages of the work differ by type, so that a step cannot be taken before its time.
 */
import type { BeParams } from '../model/be-params.js';
import type { Disk, VolumeLocation } from '../model/disk.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Params } from '../model/params.js';
import type { DeferredUndo } from '../ports/journal.js';
import type { OsParams, RuntimeInstance, RuntimeNic } from '../ports/runtime.js';
import type { GivenDisk } from './args/disk-params.js';
import type { CreateMode, CreateOp, NicRequest } from './op.js';
import type { Imported, SourceArgs } from './source/source-data.js';
import type {
  DiskSpec,
  InstanceHost,
  NodeRef,
  Origin,
  Placement,
  StorageSpec,
  WantedChecks,
} from './wishes.js';

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
 * The request with its names looked up.
 * @public
 */
export interface CreateNames extends Omit<CreateArgs, 'placement'> {
  /** Who decides its nodes. */
  readonly placement: Placement<NodeId>;
  /** Where the contents come from. */
  readonly origin: Origin;
}

/**
 * What is wanted, all told: the request with what an import brought.
 * @public
 */
export interface Wanted extends Omit<CreateNames, 'op' | 'origin'> {
  /** The request, with the import's values where it has none of its own. */
  readonly op: CreateOp & Required<Pick<CreateOp, 'tags'>>;
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
  readonly disk: Disk & { readonly location: VolumeLocation };
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
  /** Whether the OS's scripts may run on nodes; absent: no node was asked yet. */
  readonly osTrusted?: boolean;
  /** Network cards with all their parameters. */
  readonly nics: readonly RuntimeNic[];
  /** What will be done. */
  readonly steps: PlannedSteps;
  /** The export that it is made from, if it is. */
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
  readonly undo?: DeferredUndo | undefined;
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
