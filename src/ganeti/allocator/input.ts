/**
 * What an allocator's request is made of, beside the configuration: the instance that wants a place
 * and what the nodes say of themselves.
 */
import type { AllocationRequest } from '../../ports/allocator.js';
import type { NodeFacts } from '../../ports/node-facts.js';

/**
 * The instance that wants a place.
 * @public
 */
export type AllocateInput = AllocationRequest;

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
