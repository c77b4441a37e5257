/**
 * The order in which requests come, and how urgent that makes them.
 */

/** How urgent a request is. */
export interface Turn {
  /** -20 (highest) to 19 (lowest). */
  readonly priority: number;
  /** How much later it counts as having come, for its priority, milliseconds; see W1. */
  readonly delayMs: number;
  /** Rises with each request; decides between equals. */
  readonly order: number;
}

export class Turns {
  readonly #agingMs: number;
  #order = 0;

  /** `agingMs`: how long a request must have waited to count as one step more urgent. */
  constructor(agingMs: number) {
    this.#agingMs = agingMs;
  }

  /** The turn of a request that comes now. */
  next(priority: number): Turn {
    return { priority, delayMs: priority * this.#agingMs, order: this.#order++ };
  }

  /** All later requests come behind this one. */
  follow(order: number): void {
    this.#order = Math.max(this.#order, order + 1);
  }
}
