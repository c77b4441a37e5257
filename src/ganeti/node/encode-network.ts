/**
 * Networks as node daemons get them with a card: with the map of all their addresses.
 */
import { poolOf } from '../../model/address-pool.js';
import { formatIpv4 } from '../../model/ipv4.js';
import type { Network } from '../../model/network.js';
import type { ConfigReader } from '../../ports/config-store.js';
import { encodeNetwork } from '../objects/network.js';
import type { WireObject } from './transport.js';

/** Most addresses that are looked up one by one; daemons pass the map on, and use no bit of it. */
const MOST_ADDRESSES = 65_536;

/** The network as a node gets it. */
export function wireNetwork(network: Network, config: ConfigReader): WireObject {
  return encodeNetwork(network, takenAddresses(network, config));
}

function takenAddresses(network: Network, config: ConfigReader): readonly string[] {
  const { range } = poolOf(network);
  const last = Math.min(range.last, range.first + MOST_ADDRESSES - 1);
  const taken: string[] = [];
  for (let number = range.first; number <= last; number++) {
    const address = formatIpv4(number);
    if (config.holderOf('ip', `${network.id}/${address}`) !== undefined) taken.push(address);
  }
  return taken;
}
