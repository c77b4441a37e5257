/**
 * The world's time: everything that happens is an event at a moment, and one event comes after the
 * other. Nothing else decides what happens next, so that the same seed leads to the same run.
 *
 * W1 Events happen in the order of their moments, those of one moment in the order in which they
 *    were planned.
 * W2 All that an event sets off without further ado (reactions to promises) is over before the next
 *    one begins.
 */
import type { Timer } from '../../src/ports/clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import type { EventLog } from './event-log.js';

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void | Promise<void>;
  isOff: boolean;
}

export class World {
  readonly log: EventLog;
  readonly #dice: SeededIds;
  #planned: Planned[] = [];
  #order = 0;
  #nowMs = 0;
  #events = 0;

  constructor(seed: number, log: EventLog) {
    this.#dice = new SeededIds(seed);
    this.log = log;
  }

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events there were. */
  get events(): number {
    return this.#events;
  }

  /** A whole number below the limit. */
  below(limit: number): number {
    return this.#dice.integer(limit);
  }

  /** A whole number from one to another, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True as often as the chance says. */
  chance(probability: number): boolean {
    return probability > 0 && this.below(1_000_000) < probability * 1_000_000;
  }

  /** One of several. */
  oneOf<T>(things: readonly T[]): T {
    const thing = things[this.below(things.length)];
    if (thing === undefined) throw new Error('there is nothing to choose from');
    return thing;
  }

  /** Writes a line to the log. */
  note(line: string): void {
    this.log.add(`${this.#nowMs} ${line}`);
  }

  /** Plans something. */
  at(delayMs: number, act: () => void | Promise<void>): Timer {
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs));
    const planned: Planned = { atMs, order: this.#order++, act, isOff: false };
    push(this.#planned, planned);
    return { cancel: () => void (planned.isOff = true) };
  }

  /** Resolves later. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.at(delayMs, resolve));
  }

  /** Lets time pass until something is the case; false if it is not by then, or never will be. */
  async runUntil(isDone: () => boolean, limitMs: number): Promise<boolean> {
    await settle();
    while (!isDone()) {
      const next = pop(this.#planned);
      if (next === undefined || next.atMs > limitMs) return false;
      if (next.isOff) continue;
      this.#nowMs = next.atMs;
      this.#events++;
      await next.act();
      await settle();
    }
    return true;
  }
}

/** Lets all reactions to promises run: they come before whatever the event loop does next. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function comesFirst(a: Planned, b: Planned): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}

/** A heap: each is before the two that lie below it. */
function push(heap: Planned[], planned: Planned): void {
  let at = heap.push(planned) - 1;
  for (;;) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || comesFirst(parent, planned)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = planned;
}

function pop(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const [left, right] = [heap[below], heap[below + 1]];
    if (left !== undefined && right !== undefined && comesFirst(right, left)) below += 1;
    const child = heap[below];
    if (child === undefined || comesFirst(last, child)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return first;
}
