/**
 * When the caller gave up, and how much of the cluster's time went by until his work stopped.
 */
import type { AnyReport } from '../../src/reports.js';
import type { ManualClock } from '../../src/testing/manual-clock.js';

/** A caller who may give up. */
export class Leaving {
  readonly #clock: ManualClock;
  readonly #abort: AbortController;
  #leftMs: number | undefined;
  #lateMs = 0;

  constructor(clock: ManualClock, abort: AbortController) {
    this.#clock = clock;
    this.#abort = abort;
  }

  /** He gives up. */
  now(): void {
    this.#leftMs ??= this.#clock.monotonic();
    this.#abort.abort();
  }

  /** A phase that was going on has ended. */
  onEvent(event: AnyReport): void {
    if (event.type !== 'phaseEnd' || event.phase === 'undo' || this.#leftMs === undefined) return;
    this.#lateMs = Math.max(this.#lateMs, this.#clock.monotonic() - this.#leftMs);
  }

  /** What is wrong with how long that took. */
  flaws(): readonly string[] {
    return this.#lateMs > 0 ? [`it went on for ${this.#lateMs} ms after its caller gave up`] : [];
  }
}
