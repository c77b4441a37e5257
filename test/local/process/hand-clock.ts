/**
 * A clock for tests with real processes. Processes die in real time, so the short timers that look
 * after them are real; every time limit stands still until the test lets it pass.
 */
import type { Clock, Timer } from '../../../src/ports/clock.js';

/** Timers up to this length run by themselves. */
const SHORT_MS = 200;

interface Pending {
  readonly delayMs: number;
  readonly fire: () => void;
}

export class HandClock implements Clock {
  readonly #pending = new Set<Pending>();
  readonly #waiting: { readonly delayMs: number; readonly resolve: () => void }[] = [];
  #elapsedMs = 0;

  now(): number {
    return Date.parse('2026-11-22T07:52:22.495Z') + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  timer(delayMs: number, fire: () => void): Timer {
    if (delayMs <= SHORT_MS) {
      const handle = setTimeout(fire, delayMs);
      return { cancel: () => clearTimeout(handle) };
    }
    const entry = { delayMs, fire };
    this.#pending.add(entry);
    for (const waiting of this.#waiting) if (waiting.delayMs === delayMs) waiting.resolve();
    return { cancel: () => this.#pending.delete(entry) };
  }

  /** How many long timers are set. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Resolves once a timer of that length is set. */
  set(delayMs: number): Promise<void> {
    if ([...this.#pending].some((entry) => entry.delayMs === delayMs)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ delayMs, resolve }));
  }

  /** Lets the time of all timers of that length pass. */
  pass(delayMs: number): void {
    this.#elapsedMs += delayMs;
    for (const entry of [...this.#pending]) {
      if (entry.delayMs !== delayMs) continue;
      this.#pending.delete(entry);
      entry.fire();
    }
  }
}
