/**
 * A clock that stands still until a test drives it.
 */
import type { Clock, Timer } from '../ports/clock.js';

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * Time under a test's control. Timers fire in the order of their due times; those due at the same
 * time in the order in which they were set.
 * @public
 */
export class ManualClock implements Clock {
  readonly #startMs: number;
  readonly #pending = new Set<Pending>();
  #elapsedMs = 0;
  #order = 0;

  /** `startMs`: wall-clock time at the beginning, milliseconds since 1970. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  /** Wall-clock time, milliseconds since 1970. */
  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  /** Milliseconds since the clock was made. */
  monotonic(): number {
    return this.#elapsedMs;
  }

  /** Sets a timer. */
  timer(delayMs: number, fire: () => void): Timer {
    const pending = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** How many timers are set: a test's way to see that none was left behind. */
  get timers(): number {
    return this.#pending.size;
  }

  /** Lets time pass, firing what becomes due. Promises that were settled get their turn. */
  async advance(deltaMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + deltaMs;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      await this.#fire(next);
    }
    this.#elapsedMs = untilMs;
    await settle();
  }

  /** Jumps to the next timer and fires it, and no other; false if none is set. */
  async advanceToNext(): Promise<boolean> {
    const next = this.#next(Number.POSITIVE_INFINITY);
    if (next === undefined) return false;
    await this.#fire(next);
    return true;
  }

  async #fire(timer: Pending): Promise<void> {
    this.#pending.delete(timer);
    this.#elapsedMs = timer.dueMs;
    timer.fire();
    await settle();
  }

  #next(untilMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs <= untilMs && (best === undefined || isBefore(pending, best))) {
        best = pending;
      }
    }
    return best;
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
