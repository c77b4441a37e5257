/**
 * Where to look for the lowest free address of a network. Searching from the start each time would
 * cost as much as the network holds; so each network has a cursor below which nothing is free.
 *
 * A1 Every address of the pool below a network's cursor is taken or excluded.
 */
import type { Network } from '../model/network.js';
import { formatIpv4, type Ipv4Range, parseCidr, parseIpv4 } from './addresses.js';

interface Cursor {
  /** The object that the rest was made from; a changed network starts anew. */
  readonly network: Network;
  readonly range: Ipv4Range;
  readonly excluded: ReadonlySet<number>;
  next: number;
}

/** Cursors by network id. */
export class AddressCursors {
  readonly #cursors = new Map<string, Cursor>();

  /** The lowest address of the pool that is not taken; `undefined` if the pool is full. */
  lowest(network: Network, isTaken: (address: string) => boolean): string | undefined {
    const cursor = this.#of(network);
    for (; cursor.next < cursor.range.last; cursor.next++) {
      if (cursor.excluded.has(cursor.next)) continue;
      const address = formatIpv4(cursor.next);
      if (!isTaken(address)) return address;
    }
    return undefined;
  }

  /** How an address lies to the network's pool. */
  placeOf(address: string, network: Network): 'pool' | 'excluded' | 'outside' {
    const { range, excluded } = this.#of(network);
    const number = parseIpv4(address);
    if (number === undefined || number < range.first || number > range.last) return 'outside';
    const isEdge = number === range.first || number === range.last;
    return isEdge || excluded.has(number) ? 'excluded' : 'pool';
  }

  /** A value of the kind `ip` is free again. */
  freed(value: string): void {
    const slash = value.indexOf('/');
    const cursor = this.#cursors.get(value.slice(0, slash));
    const number = parseIpv4(value.slice(slash + 1));
    if (cursor === undefined || number === undefined || number <= cursor.range.first) return;
    cursor.next = Math.min(cursor.next, number);
  }

  #of(network: Network): Cursor {
    const known = this.#cursors.get(network.id);
    if (known?.network === network) return known;
    const range = parseCidr(network.cidr);
    const outside = [network.gateway ?? '', ...network.reservedIps].map(parseIpv4);
    const excluded = new Set(outside.filter((number) => number !== undefined));
    const cursor = { network, range, excluded, next: range.first + 1 };
    this.#cursors.set(network.id, cursor);
    return cursor;
  }
}
