/**
 * How many calls are under way at once: in all, and to one node, which serves only so many and lets
 * others wait with their connection open.
 *
 * B1 Never more than the limits. B2 Who waits longest goes first, unless its node is busy.
 * B3 Who gives up waiting leaves no trace.
 */

/** Most calls at once. */
export interface SlotLimits {
  /** To all nodes together. */
  readonly total: number;
  /** To one node. */
  readonly perNode: number;
}

interface Waiting {
  readonly node: string;
  readonly start: () => void;
}

/** Gives out leave to call. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #busy = new Map<string, number>();
  readonly #queue = new Set<Waiting>();
  #total = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Does the work as soon as there is room; `undefined` if the signal came first. */
  async use<T>(
    node: string,
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    if (!(await this.#enter(node, signal))) return undefined;
    try {
      return await work();
    } finally {
      this.#leave(node);
    }
  }

  #enter(node: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#queue.delete(waiting);
        resolve(false);
      };
      const start = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(true);
      };
      const waiting = { node, start };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiting);
      this.#serve();
    });
  }

  #leave(node: string): void {
    const left = (this.#busy.get(node) ?? 0) - 1;
    if (left > 0) this.#busy.set(node, left);
    else this.#busy.delete(node);
    this.#total -= 1;
    this.#serve();
  }

  #serve(): void {
    for (const waiting of this.#queue) {
      if (this.#total >= this.#limits.total) return;
      const busy = this.#busy.get(waiting.node) ?? 0;
      if (busy >= this.#limits.perNode) continue;
      this.#queue.delete(waiting);
      this.#busy.set(waiting.node, busy + 1);
      this.#total += 1;
      waiting.start();
    }
  }
}
