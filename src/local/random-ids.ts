/**
 * Real randomness: one of the two files through which time and chance enter the library.
 * Everything else takes `Ids`, so that a run can be repeated.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Ids } from '../ports/clock.js';

/**
 * Identifiers from the operating system's generator of secure random numbers.
 * @public
 */
export function systemIds(): Ids {
  return {
    uuid: () => randomUUID(),
    hex: (count) => randomBytes(count).toString('hex'),
    integer: (limit) => randomInt(limit),
  };
}
