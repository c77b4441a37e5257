/**
 * How long the attempts of an operation wait for their locks: one limit for the only attempt, or a
 * series, at whose end the operation waits for as long as it takes.
 */
import { LuError } from '../errors.js';

/** What a caller may say of waiting. */
export interface LockWaiting {
  readonly lockTimeoutMs?: number;
  readonly lockAttemptsMs?: readonly number[];
}

/** The limit of one attempt. */
export interface LockLimit {
  /** Most time per level, milliseconds; `undefined`: no limit. */
  readonly lockTimeoutMs: number | undefined;
  /** Whether opportunistic requests take all locks, since there is no later attempt. */
  readonly insists: boolean;
}

/** The limits of all attempts, in order. */
export class LockLimits {
  readonly #limits: readonly LockLimit[];
  #at = 0;

  constructor({ lockTimeoutMs, lockAttemptsMs }: LockWaiting) {
    const series = lockAttemptsMs?.map((limit) => ({ lockTimeoutMs: limit, insists: false }));
    this.#limits =
      series === undefined
        ? [{ lockTimeoutMs, insists: false }]
        : [...series, { lockTimeoutMs: undefined, insists: true }];
  }

  /** The limit of the attempt that is on. */
  get now(): LockLimit {
    return this.#limits[this.#at] ?? { lockTimeoutMs: undefined, insists: true };
  }

  /** Whether the error says that time was up, and there is another attempt; goes on to that. */
  next(error: unknown): boolean {
    const isTimeUp = LuError.is(error) && error.name === 'LockTimeout';
    if (!isTimeUp || this.#at + 1 >= this.#limits.length) return false;
    this.#at++;
    return true;
  }
}
