/**
 * A clock on which only sleeping takes time: when nothing can go on but by waiting, the next timer
 * fires and the time is what it was set to. A timer that is taken back in time never counts.
 */
import type { Clock, Timer } from '../../../src/ports/clock.js';

interface Pending {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** Time of a replay. */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #pending = new Set<Pending>();
  #elapsedMs = 0;
  #isWatching = false;

  /** `startS`: wall-clock time at the beginning, seconds since 1970. */
  constructor(startS: number) {
    this.#startMs = startS * 1000;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  timer(delayMs: number, fire: () => void): Timer {
    const pending = { dueMs: this.#elapsedMs + Math.max(0, delayMs), fire };
    this.#pending.add(pending);
    this.#watch();
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Everything in a replay happens in microtasks: when a macrotask runs, all of them wait. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    setImmediate(() => {
      this.#isWatching = false;
      this.#fireNext();
      if (this.#pending.size > 0) this.#watch();
    });
  }

  #fireNext(): void {
    const next = [...this.#pending].sort((a, b) => a.dueMs - b.dueMs)[0];
    if (next === undefined) return;
    this.#pending.delete(next);
    this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
    next.fire();
  }
}
