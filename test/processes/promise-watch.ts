/**
 * Adds up, after each transaction of a store that processes share, what nodes hold and what was
 * promised on them: never more than they have. Operations are called like their instances, so that
 * what has become real is not counted a second time.
 */
import type { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { CapacityClaim } from '../../src/ports/capacity.js';
import type { CrowdedNodes } from './crowded-nodes.js';

const CLAIMED = 'config/claimed/';

export class PromiseWatch {
  /** What was too much, in words. */
  readonly broken: string[] = [];
  /** How many records of claimed room were looked at. */
  seen = 0;
  readonly #crowd: CrowdedNodes;
  readonly #claims = new Map<string, readonly CapacityClaim[]>();

  /** Watches from now on, until the store is closed. */
  constructor(store: MemoryKvStore, crowd: CrowdedNodes) {
    this.#crowd = crowd;
    void this.#watch(store);
  }

  async #watch(store: MemoryKvStore): Promise<void> {
    const { revision } = await store.range(CLAIMED);
    const { signal } = new AbortController();
    for await (const { ops } of store.watch(CLAIMED, revision, signal)) {
      for (const op of ops) {
        const owner = op.key.slice(CLAIMED.length);
        if (op.op === 'delete') this.#claims.delete(owner);
        else this.#learn(owner, op.value);
      }
      this.broken.push(...this.#crowd.promisedTooMuch(this.#claims));
    }
  }

  #learn(owner: string, text: string): void {
    const { capacity = [] } = JSON.parse(text) as { capacity?: readonly CapacityClaim[] };
    if (capacity.length > 0) this.seen++;
    this.#claims.set(owner, capacity);
  }
}
