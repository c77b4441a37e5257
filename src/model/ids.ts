/**
 * Identifiers. Branded, so that a node's id cannot be passed where an instance's is wanted.
 */

/**
 * A node's UUID.
 * @public
 */
export type NodeId = string & { readonly __brand: 'NodeId' };

/**
 * A node group's UUID.
 * @public
 */
export type GroupId = string & { readonly __brand: 'GroupId' };

/**
 * A network's UUID.
 * @public
 */
export type NetworkId = string & { readonly __brand: 'NetworkId' };

/**
 * An instance's UUID.
 * @public
 */
export type InstanceId = string & { readonly __brand: 'InstanceId' };

/**
 * A disk's UUID.
 * @public
 */
export type DiskId = string & { readonly __brand: 'DiskId' };

/**
 * A network card's UUID.
 * @public
 */
export type NicId = string & { readonly __brand: 'NicId' };

/**
 * What every stored object has.
 * @public
 */
export interface Stored {
  /** Counts the object's changes, from 1. Kept by the configuration store. */
  readonly serial: number;
  /** Milliseconds since 1970 (UTC). Kept by the configuration store. */
  readonly createdAtMs: number;
  /** Milliseconds since 1970 (UTC). Kept by the configuration store. */
  readonly modifiedAtMs: number;
  /** Labels, without order or doubles. */
  readonly tags: readonly string[];
}
