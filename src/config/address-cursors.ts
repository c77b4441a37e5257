/**
 * Where to look for the lowest free address of a network. Searching from the start each time would
 * cost as much as the network holds; so each network has a cursor below which nothing is free.
 *
 * A1 Every address of the pool below a network's cursor is taken or reserved.
 */
import {
  type AddressPool,
  lowestFree,
  placeIn,
  type PoolPlace,
  poolOf,
} from '../model/address-pool.js';
import { formatIpv4, parseIpv4 } from '../model/ipv4.js';
import type { Network } from '../model/network.js';

interface Cursor {
  /** The object that the rest was made from; a changed network starts anew. */
  readonly network: Network;
  readonly pool: AddressPool;
  next: number;
}

/** Cursors by network id. */
export class AddressCursors {
  readonly #cursors = new Map<string, Cursor>();

  /** The lowest address of the pool that is not taken; `undefined` if the pool is full. */
  lowest(network: Network, isTaken: (address: string) => boolean): string | undefined {
    const cursor = this.#of(network);
    const { pool, next } = cursor;
    const found = lowestFree(pool, (number) => isTaken(formatIpv4(number)), next);
    cursor.next = found ?? pool.range.last + 1;
    return found === undefined ? undefined : formatIpv4(found);
  }

  /** How an address lies to the network's pool. */
  placeOf(address: string, network: Network): PoolPlace {
    return placeIn(this.#of(network).pool, address);
  }

  /** A value of the kind `ip` is free again. */
  freed(value: string): void {
    const slash = value.indexOf('/');
    const cursor = this.#cursors.get(value.slice(0, slash));
    const number = parseIpv4(value.slice(slash + 1));
    if (cursor === undefined || number === undefined || number < cursor.pool.range.first) return;
    cursor.next = Math.min(cursor.next, number);
  }

  #of(network: Network): Cursor {
    const known = this.#cursors.get(network.id);
    if (known?.network === network) return known;
    const pool = poolOf(network);
    const cursor = { network, pool, next: pool.range.first };
    this.#cursors.set(network.id, cursor);
    return cursor;
  }
}
