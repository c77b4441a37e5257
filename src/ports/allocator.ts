/**
 * Choosing nodes for an instance.
 */
import type { BeParams } from '../model/be-params.js';
import type { DiskMode } from '../model/disk.js';
import type { DiskTemplate } from '../model/disk-template.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { NodeId } from '../model/ids.js';
import type { Nic } from '../model/nic.js';
import type { CapacityClaim } from './capacity.js';
import type { ConfigReader } from './config-store.js';
import type { NodeQueries } from './node-rpc.js';

/**
 * A disk of the instance that wants a place.
 * @public
 */
export interface AllocationDisk {
  /** Size, MiB. */
  readonly sizeMib: number;
  /** Whether the guest may write. */
  readonly mode: DiskMode;
  /** A name given by the operator. */
  readonly name?: string;
  /** Volume group. */
  readonly volumeGroup?: string;
  /** Volume group of the metadata. */
  readonly metaVolumeGroup?: string;
  /** How network storage is reached. */
  readonly access?: string;
  /** What is taken over: the name of a volume in the group, or the path of a device. */
  readonly adopt?: string;
  /** Spindles that it takes. */
  readonly spindles?: number;
  /** Provider of external storage. */
  readonly provider?: string;
  /** The provider's own parameters. */
  readonly providerParams?: Readonly<Record<string, string | number>>;
}

/**
 * The instance that wants a place.
 * @public
 */
export interface AllocationRequest {
  /** Host name. */
  readonly name: string;
  /** Kind of storage. */
  readonly diskTemplate: DiskTemplate;
  /** Disks, in order. */
  readonly disks: readonly AllocationDisk[];
  /** Space that the disks take on each node, metadata included, MiB. */
  readonly diskSpaceMib: number;
  /** Network cards, in order; an address may still be `pool`. */
  readonly nics: readonly Nic[];
  /** Backend parameters, filled. */
  readonly beParams: BeParams;
  /** What shall run it. */
  readonly hypervisor: HypervisorName;
  /** OS definition with variant. */
  readonly os?: string;
  /** Labels. */
  readonly tags: readonly string[];
  /** How many nodes are needed: primary first, then secondaries. */
  readonly requiredNodes: number;
  /** The only nodes that may be chosen; absent: any. */
  readonly onlyNodes?: readonly NodeId[];
  /** Name of the only group that may be chosen; absent: any. */
  readonly groupName?: string;
}

/**
 * What an allocator may look at.
 * @public
 */
export interface AllocationView {
  /** The configuration, as of now. */
  readonly config: ConfigReader;
  /** Questions to nodes. */
  readonly rpc: NodeQueries;
  /**
   * Room that other operations have claimed and nodes may not count as used yet, taken down before
   * the first node is asked. Not to be given away once more.
   */
  readonly claimed: readonly CapacityClaim[];
  /** Aborts the search. */
  readonly signal: AbortSignal;
}

/**
 * The choice, or why there is none.
 * @public
 */
export type AllocationAnswer =
  | { readonly found: true; readonly nodes: readonly NodeId[]; readonly info: string }
  | { readonly found: false; readonly info: string };

/**
 * A way of choosing nodes. Answers are checked: the nodes exist, are among the candidates, and are
 * exactly as many as required.
 * @public
 */
export interface Allocator {
  /** The name by which requests ask for it: letters, digits, `_` and `-`. */
  readonly name: string;
  /** Chooses nodes. */
  allocate(request: AllocationRequest, view: AllocationView): Promise<AllocationAnswer>;
}
