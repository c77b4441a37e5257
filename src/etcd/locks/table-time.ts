/**
 * The table's time, which decides whose turn it is. Members' clocks differ, and are set.
 *
 * Z1 Nobody who asks counts as having come before somebody who waits already.
 * Z2 Time goes on: where the clock is behind those who wait, it is counted from when the last of
 *    them was seen here. A clock that is far ahead costs nobody the ageing of his request.
 */
import type { Clock } from '../../ports/clock.js';

export class TableTime {
  readonly #clock: Clock;
  #latestMs = 0;
  #seenMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whole milliseconds since 1970. `latestMs`: when the last of those who wait now has come. */
  now(latestMs: number): number {
    const monotonicMs = this.#clock.monotonic();
    if (latestMs !== this.#latestMs) {
      this.#latestMs = latestMs;
      this.#seenMs = monotonicMs;
    }
    const countedMs = latestMs + (monotonicMs - this.#seenMs);
    return Math.trunc(Math.max(this.#clock.now(), countedMs));
  }
}
