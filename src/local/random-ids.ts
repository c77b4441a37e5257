/**
 * Real randomness: one of the two files through which time and chance enter the library.
 * Everything else takes `Ids`, so that a run can be repeated.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Ids } from '../ports/clock.js';

/** Random bytes are fetched in portions: each fetch costs as much as drawing hundreds of them. */
const PORTION = 512;

/**
 * Identifiers from the operating system's generator of secure random numbers.
 * @public
 */
export function systemIds(): Ids {
  return {
    uuid: () => randomUUID(),
    hex: pooledHex(),
    integer: (limit) => randomInt(limit),
  };
}

/** Bytes leave the pool when they are drawn. */
function pooledHex(): Ids['hex'] {
  let pool = Buffer.alloc(0);
  return (count) => {
    if (count > PORTION) return randomBytes(count).toString('hex');
    if (pool.length < count) pool = randomBytes(PORTION);
    const drawn = pool.subarray(0, count);
    pool = pool.subarray(count);
    const text = drawn.toString('hex');
    drawn.fill(0);
    return text;
  };
}
