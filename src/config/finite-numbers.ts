/**
 * Refuses numbers that JSON cannot hold. They would be written as nothing, and whoever opens the
 * store after that would find it corrupt.
 */
import { ProgrammerError } from '../errors.js';

/** Throws `ProgrammerError` that names the place. `about`: whose place it is. */
export function mustHoldFiniteNumbers(value: unknown, about: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ProgrammerError(`${about} would be ${value}, which cannot be kept; give a number`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    mustHoldFiniteNumbers(inner, `${about}.${name}`);
  }
}
