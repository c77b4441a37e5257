/**
 * The order in which requests come, and how urgent that makes them.
 *
 * W1 Precedence never changes while waiting. A request counts as if it had come `agingMs` later for
 *    each step of its priority, so all waiters grow more urgent at the same pace: an old request of
 *    low urgency goes before an urgent one that came long enough after it, and nobody starves.
 */

/** When it is a request's turn. */
export interface Turn {
  /** -20 (highest) to 19 (lowest). */
  priority: number;
  /** When it came, as far as precedence is concerned, milliseconds: the earlier goes first … */
  dueMs: number;
  /** … and among equals the lower. Rises with each request; no two have the same. */
  order: number;
}

export class Turns {
  readonly #agingMs: number;
  #order = 0;

  /** `agingMs`: how long a request must have waited to count as one step more urgent. */
  constructor(agingMs: number) {
    this.#agingMs = agingMs;
  }

  /** Gives a request its turn that comes now. */
  give(turn: Turn, priority: number, nowMs: number): void {
    turn.priority = priority;
    turn.dueMs = nowMs + priority * this.#agingMs;
    turn.order = this.#order++;
  }

  /** All later requests come behind this one. */
  follow({ order }: Turn): void {
    this.#order = Math.max(this.#order, order + 1);
  }
}
