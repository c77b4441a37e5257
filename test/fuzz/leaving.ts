/**
 * When the caller gave up, and how much of the cluster's time went by until his work stopped.
 */
import type { AnyReport } from '../../src/reports.js';
import type { ManualClock } from '../../src/testing/manual-clock.js';

/**
 * Reports until the caller gives up: what a request asks for may be as long as it likes, such as a
 * huge disk that is wiped in millions of stretches, as long as it can be stopped.
 */
const ENOUGH = 100_000;

/** A caller who may give up. */
export class Leaving {
  readonly #clock: ManualClock;
  readonly #abort: AbortController;
  #leftMs: number | undefined;
  #lateMs = 0;
  #heard = 0;

  constructor(clock: ManualClock, abort: AbortController) {
    this.#clock = clock;
    this.#abort = abort;
  }

  /** He gives up. */
  now(): void {
    this.#leftMs ??= this.#clock.monotonic();
    this.#abort.abort();
  }

  /** Something is reported: he has heard enough, or a phase that was going on has ended. */
  onEvent(event: AnyReport): void {
    this.#heard += 1;
    if (this.#heard === ENOUGH) this.now();
    if (event.type !== 'phaseEnd' || event.phase === 'undo' || this.#leftMs === undefined) return;
    this.#lateMs = Math.max(this.#lateMs, this.#clock.monotonic() - this.#leftMs);
  }

  /** What is wrong with how long that took. */
  flaws(): readonly string[] {
    return this.#lateMs > 0 ? [`it went on for ${this.#lateMs} ms after its caller gave up`] : [];
  }
}
