/**
 * Which addresses of a network can be given out. Pure: who holds an address is asked of the caller.
 *
 * P1 Only what is written down is reserved. The network's own address, the broadcast address and
 *    the gateway are ordinary addresses, unless the network lists them (`reservedIps`), as Ganeti
 *    does for every network that it makes.
 * P2 A reserved address (something outside the cluster uses it) can be taken by who insists; a
 *    stray one (taken, nobody knows by what) cannot.
 */
import { type Ipv4Range, parseCidr, parseIpv4 } from './ipv4.js';
import type { Network } from './network.js';

/** The addresses of a network. */
export interface AddressPool {
  /** All of them. */
  readonly range: Ipv4Range;
  /** Those that something outside the cluster uses. */
  readonly reserved: ReadonlySet<number>;
  /** Those that are taken, although no card has them. */
  readonly stray: ReadonlySet<number>;
}

/** How an address lies to a pool. */
export type PoolPlace = 'pool' | 'reserved' | 'stray' | 'outside';

/** The pool of a network; throws `PrereqError` `wrong_input` if it is not in CIDR form. */
export function poolOf({
  cidr,
  reservedIps,
  strayIps = [],
}: Pick<Network, 'cidr' | 'reservedIps' | 'strayIps'>): AddressPool {
  return {
    range: parseCidr(cidr),
    reserved: numbersOf(reservedIps),
    stray: numbersOf(strayIps),
  };
}

function numbersOf(addresses: readonly string[]): ReadonlySet<number> {
  return new Set(addresses.map(parseIpv4).filter((number) => number !== undefined));
}

/** How an address lies to the pool. What is no IPv4 address lies outside. */
export function placeIn({ range, reserved, stray }: AddressPool, address: string): PoolPlace {
  const number = parseIpv4(address);
  if (number === undefined || number < range.first || number > range.last) return 'outside';
  if (stray.has(number)) return 'stray';
  return reserved.has(number) ? 'reserved' : 'pool';
}

/** The lowest address from `start` on that is free; `undefined` if there is none. */
export function lowestFree(
  { range, reserved, stray }: AddressPool,
  isTaken: (address: number) => boolean,
  start: number = range.first,
): number | undefined {
  for (let number = start; number <= range.last; number++) {
    if (!reserved.has(number) && !stray.has(number) && !isTaken(number)) return number;
  }
  return undefined;
}
