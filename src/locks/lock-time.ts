/**
 * The time by which locks go. Where nobody waits the clock is looked at. A crowd that comes and
 * goes in one turn of the event loop shares a look, if the clock offers that: two looks a waiter
 * are a fifth of what passing a lock on costs.
 *
 * T1 Time never goes back, however it was looked at: who came later stands behind.
 * T2 Where nobody waits no timer is set, not even for this.
 */
import type { Clock } from '../ports/clock.js';

export class LockTime {
  readonly #clock: Clock;
  #latestMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#latestMs = whole(clock.monotonic());
  }

  /** Whole milliseconds of the monotonic clock. `isQuiet`: whether nobody waits. */
  now(isQuiet: boolean): number {
    const sharedMs = isQuiet ? undefined : this.#clock.turn?.();
    const ms = whole(sharedMs ?? this.#clock.monotonic());
    if (ms > this.#latestMs) this.#latestMs = ms;
    return this.#latestMs;
  }
}

/** A small integer while it fits: V8 keeps other numbers on the heap. */
function whole(ms: number): number {
  const small = ms | 0;
  return ms - small >= 0 && ms - small < 1 ? small : Math.trunc(ms);
}
