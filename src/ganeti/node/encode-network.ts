/**
 * Networks as node daemons get them with a card: with maps of their addresses, one digit each from
 * the network's own address on, 1 for taken.
 */
import { formatIpv4 } from '../../model/ipv4.js';
import { poolOf } from '../../model/address-pool.js';
import type { Network } from '../../model/network.js';
import type { ConfigReader } from '../../ports/config-store.js';
import { encodeStored, present } from '../objects/fields.js';
import type { WireObject } from './transport.js';

/** Larger networks' maps are left out: scripts do not read them, and they would be huge. */
const MOST_ADDRESSES = 65_536;

/** The network as a node gets it. */
export function wireNetwork(network: Network, config: ConfigReader): WireObject {
  return {
    ...encodeStored(network),
    ...present({
      uuid: network.id,
      name: network.name,
      network: network.cidr,
      gateway: network.gateway,
      network6: network.cidr6,
      gateway6: network.gateway6,
      mac_prefix: network.macPrefix,
    }),
    ...addressMaps(network, config),
  };
}

function addressMaps(network: Network, config: ConfigReader): WireObject {
  const { range, reserved, stray } = poolOf(network);
  const size = range.last - range.first + 1;
  if (size > MOST_ADDRESSES) return {};
  const map = (isTaken: (address: number) => boolean): string =>
    Array.from({ length: size }, (_, place) => (isTaken(range.first + place) ? '1' : '0')).join('');
  const hasHolder = (address: number): boolean =>
    config.holderOf('ip', `${network.id}/${formatIpv4(address)}`) !== undefined;
  return {
    reservations: map((address) => stray.has(address) || hasHolder(address)),
    ext_reservations: map((address) => reserved.has(address)),
  };
}
