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
import type { NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { NicParams } from '../model/nic.js';
import type { Params } from '../model/params.js';
import type { OsParams, RuntimeInstance, RuntimeNic } from '../ports/runtime.js';
import type { CreateMode } from './op.js';

/**
 * The modes that are supported.
 * @public
 */
export type SourceMode = Extract<CreateMode, 'create'>;

/**
 * A disk as wanted.
 * @public
 */
export interface DiskSpec {
  /** Size, MiB; above 0. */
  readonly sizeMib: number;
  /** Whether the guest may write. */
  readonly mode: DiskMode;
  /** A name given by the operator. */
  readonly name?: string;
}

/** A network card as wanted. */
export interface NicSpec {
  readonly mac: { readonly kind: 'draw' } | { readonly kind: 'given'; readonly address: string };
  readonly ip:
    | { readonly kind: 'none' }
    | { readonly kind: 'of-name' }
    | { readonly kind: 'given'; readonly address: string };
  /** What was asked for; the cluster fills the rest. */
  readonly params: Partial<NicParams>;
  readonly name?: string;
}

/** Who decides the nodes. */
export type Placement<Node> =
  | { readonly by: 'operator'; readonly primary: Node }
  | {
      readonly by: 'allocator';
      readonly allocator: string;
      readonly opportunistic: boolean;
      readonly groupName?: string;
    };

/** The operating system as wanted. */
export interface OsSpec {
  readonly type: string;
  readonly params: OsParams;
  readonly forceVariant: boolean;
  /** Whether its create script is wanted. */
  readonly install: boolean;
}

/** Where and how disks are kept. */
export interface StorageSpec {
  readonly template: DiskTemplate;
  readonly driver: FileDriver;
  /** Directories below the cluster's own, outermost first. */
  readonly subdirectories: readonly string[];
}

/** Checks that the operator wants. */
export interface WantedChecks {
  readonly name: boolean;
  readonly ip: boolean;
  readonly conflicts: boolean;
  readonly policy: boolean;
}

/** The request, understood. */
export interface CreateArgs {
  readonly mode: SourceMode;
  readonly instanceName: string;
  readonly storage: StorageSpec;
  readonly disks: readonly DiskSpec[];
  readonly nics: readonly NicSpec[];
  readonly placement: Placement<string>;
  readonly hypervisor: HypervisorName;
  readonly hvParams: Params;
  readonly beParams: Partial<BeParams>;
  readonly os: OsSpec;
  readonly start: boolean;
  readonly tags: readonly string[];
  readonly checks: WantedChecks;
  readonly identifyDefaults: boolean;
}

/** A host with the address that its name resolves to, if it was looked up. */
export interface Host {
  readonly name: string;
  readonly ip?: string;
}

/** The request with its names looked up. */
export interface CreateNames extends Omit<CreateArgs, 'instanceName' | 'placement'> {
  readonly host: Host;
  readonly placement: Placement<NodeId>;
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
  /** Run the OS's create script. */
  readonly install: boolean;
  /** Start it. */
  readonly start: boolean;
}

/**
 * Everything that the work needs, decided. This is what a dry run shows; as JSON it shows no
 * secret.
 * @public
 */
export interface CreatePlan {
  /** How the instance comes to life. */
  readonly mode: SourceMode;
  /** Where. */
  readonly nodes: PlannedNodes;
  /** The instance as it will be registered: stopped. */
  readonly instance: Instance;
  /** The disks that will be made. */
  readonly disks: readonly Disk[];
  /** The disks as asked for. A diskless instance may have asked for some; none is made. */
  readonly wantedDisks: readonly DiskSpec[];
  /** The directory that is made for the disks, if they are files. */
  readonly storageDir?: string;
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
export type Provisioned = Stage<'provisioned'>;

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
