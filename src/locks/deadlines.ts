/**
 * When waits are over. All waits of a manager share one timer of the clock, which is set for the
 * first of them: a timer for each costs more than everything else about waiting.
 *
 * D1 What is due is told in the order of its time, and among equals in the order in which it came.
 * D2 No timer is set while nothing is waited for.
 * D3 What has ended otherwise is only marked. It goes when its time comes, or when it makes up most
 *    of what is kept.
 */
import type { Clock, Timer } from '../ports/clock.js';

/** The end of a wait. */
export interface Deadline<T> {
  readonly what: T;
  readonly timeoutMs: number;
  readonly dueMs: number;
  readonly order: number;
  isOver: boolean;
}

/** So few are not worth tidying up. */
const FEW = 64;

export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #onDue: (what: T, timeoutMs: number) => void;
  /** A heap: each comes before the two at twice its place. */
  #heap: Deadline<T>[] = [];
  #open = 0;
  #order = 0;
  #timer: Timer | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (what: T, timeoutMs: number) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** How many are kept, those that have ended among them. */
  get size(): number {
    return this.#heap.length;
  }

  /** Tells of it when `timeoutMs` have passed, unless it is removed before. */
  add(what: T, timeoutMs: number): Deadline<T> {
    const dueMs = this.#clock.monotonic() + timeoutMs;
    const deadline = { what, timeoutMs, dueMs, order: this.#order++, isOver: false };
    this.#open++;
    this.#rise(deadline);
    if (dueMs < this.#timerMs) this.#set(dueMs);
    return deadline;
  }

  /** It has ended otherwise. Twice is harmless. */
  remove(deadline: Deadline<T>): void {
    if (deadline.isOver) return;
    deadline.isOver = true;
    this.#open--;
    if (this.#open === 0) this.#clear();
    else if (this.#heap.length > FEW && this.#open * 2 < this.#heap.length) this.#tidy();
  }

  #fire(): void {
    this.#timerMs = Number.POSITIVE_INFINITY;
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (!next.isOver && next.dueMs > this.#clock.monotonic()) break;
      this.#sink();
      if (next.isOver) continue;
      next.isOver = true;
      this.#open--;
      this.#onDue(next.what, next.timeoutMs);
    }
    const first = this.#heap[0];
    if (first !== undefined && first.dueMs < this.#timerMs) this.#set(first.dueMs);
  }

  #set(dueMs: number): void {
    this.#timer?.cancel();
    this.#timerMs = dueMs;
    this.#timer = this.#clock.timer(dueMs - this.#clock.monotonic(), () => this.#fire());
  }

  #clear(): void {
    this.#heap = [];
    this.#timer?.cancel();
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  /** What is in order is a heap, too. */
  #tidy(): void {
    this.#heap = this.#heap
      .filter(({ isOver }) => !isOver)
      .sort((a, b) => (isFirst(a, b) ? -1 : 1));
  }

  /** Puts one in, from the end upward. Most come last and stay there. */
  #rise(deadline: Deadline<T>): void {
    let place = this.#heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#heap[above];
      if (other === undefined || isFirst(other, deadline)) break;
      this.#heap[place] = other;
      place = above;
    }
    this.#heap[place] = deadline;
  }

  /** Takes the first one out: the last one sinks from its place to where it belongs. */
  #sink(): void {
    const last = this.#heap.pop();
    const { length } = this.#heap;
    if (last === undefined || length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      const [left, right] = [this.#heap[below], this.#heap[below + 1]];
      if (left === undefined) break;
      const first = right !== undefined && isFirst(right, left) ? right : left;
      if (first === right) below++;
      if (isFirst(last, first)) break;
      this.#heap[place] = first;
      place = below;
    }
    this.#heap[place] = last;
  }
}

function isFirst<T>(a: Deadline<T>, b: Deadline<T>): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}
