/**
 * Networks with address pools: what instances' cards can belong to.
 */
import type { NetworkId, Stored } from './ids.js';

/**
 * A network that instances' cards can belong to.
 * @public
 */
export interface Network extends Stored {
  /** The network's UUID. */
  readonly id: NetworkId;
  /** Its name. */
  readonly name: string;
  /** IPv4 network in CIDR form, `192.0.2.0/24`. */
  readonly cidr: string;
  /** IPv4 gateway, inside the network. */
  readonly gateway?: string;
  /** IPv6 network in CIDR form. */
  readonly cidr6?: string;
  /** IPv6 gateway. */
  readonly gateway6?: string;
  /** First three octets of hardware addresses drawn for its cards, `aa:00:01`. */
  readonly macPrefix?: string;
  /**
   * Addresses that no card gets unless somebody insists, since something outside the cluster uses
   * them. The network's own, the broadcast and the gateway's address are listed here like others.
   */
  readonly reservedIps: readonly string[];
  /**
   * Addresses that count as taken although no card of an instance has them: a cluster that was
   * taken over may have lost track of who did. Nobody gets them until they are struck off here.
   */
  readonly strayIps?: readonly string[];
}
