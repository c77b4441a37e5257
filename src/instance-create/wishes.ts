/**
 * What an instance is wanted to be, piece by piece, as the rooms that understand requests say it.
 * Combinations that make no sense cannot be written down.
 */
import type { DiskTemplate } from '../model/disk-template.js';
import type { DiskMode, FileDriver } from '../model/disk.js';
import type { InstanceId, NetworkId, NodeId } from '../model/ids.js';
import type { NicParams } from '../model/nic.js';
import type { PlacementRung } from '../ports/reporter.js';
import type { OsParams } from '../ports/runtime.js';

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
export type NodeRef = NodeByName | NodeById;

/**
 * A node by its name.
 * @public
 */
export interface NodeByName {
  /** Host name, perhaps a short one, or UUID. */
  readonly name: string;
  /** The UUID that it must have. */
  readonly id?: string;
}

/**
 * A node by its UUID alone.
 * @public
 */
export interface NodeById {
  /** Not given. */
  readonly name?: undefined;
  /** UUID. */
  readonly id: string;
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
  /** The reserved instance, which is made now. */
  readonly instance: InstanceId;
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
  /** How nodes are locked for its choice. */
  readonly rung: PlacementRung;
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
