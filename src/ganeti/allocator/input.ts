/**
 * What an allocator's request is made of, beside the configuration: the instance that wants a place
 * and what the nodes say of themselves.
 */
import type { NetworkId } from '../../model/ids.js';
import type { NicParams } from '../../model/nic.js';
import type { AllocationRequest } from '../../ports/allocator.js';
import type { NodeFacts } from '../../ports/node-rpc.js';
import type { JsonObject } from '../wire/json.js';

/**
 * A disk that wants a place, with what Ganeti tells the allocator if it is known.
 * @public
 */
export type RequestedDisk = AllocationRequest['disks'][number] & {
  /** A name given by the operator. */
  readonly name?: string;
  /** LVM volume group; the cluster's if not given. */
  readonly volumeGroup?: string;
  /** Further parameters of the disk under Ganeti's names (`spindles`, `provider`, `access` …). */
  readonly others?: JsonObject;
};

/**
 * A network card of the instance that wants a place.
 * @public
 */
export type RequestedNic = AllocationRequest['nics'][number] & {
  /** The card's UUID. */
  readonly id?: string;
  /** A name given by the operator. */
  readonly name?: string;
  /** The network that it belongs to; groups that are not connected to it are out. */
  readonly networkId?: NetworkId;
  /** What differs from the cluster's card parameters; all of them count if not given. */
  readonly own?: Partial<NicParams>;
};

/**
 * The instance that wants a place. An `AllocationRequest` is one.
 * @public
 */
export interface AllocateInput extends Omit<AllocationRequest, 'disks' | 'nics'> {
  /** Disks, in order. */
  readonly disks: readonly RequestedDisk[];
  /** Network cards, in order. */
  readonly nics: readonly RequestedNic[];
}

/**
 * What a node says of itself. The first storage of `facts` is the one that the instance's disks
 * would lie on; without it the node has no space to offer.
 * @public
 */
export interface LiveNode {
  /** Memory, processors, space. */
  readonly facts: NodeFacts;
  /** Memory that instances have there now, MiB, by name; who is absent does not run. */
  readonly memoryOfInstances: ReadonlyMap<string, number>;
  /**
   * Processors of the node's own (`cpu_dom0`). Not given: all of them, as nodes report whose
   * hypervisor does not set any apart.
   */
  readonly nodeCpus?: number;
  /** Disk spindles, where storage is exclusive; 0 if not given. */
  readonly spindles?: { readonly total: number; readonly free: number };
}
