/**
 * Names that no other process of this machine has given or will give: journals keep them, and what
 * they name is ended by them.
 */
import type { Clock } from '../../ports/clock.js';

/** Gives names. */
export class UniqueNames {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A process number may be used again, but not at the same time. */
  next(prefix: string): string {
    this.#count += 1;
    return `${prefix}-${process.pid}-${this.#clock.now()}-${this.#count}`;
  }
}
