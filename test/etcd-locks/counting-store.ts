/**
 * The store as one process uses it, counted, and with an answer that can be held back or lost.
 */
import { ConfigError } from '../../src/errors.js';
import type {
  KvChange,
  KvCompare,
  KvEntry,
  KvOp,
  KvStore,
  KvTxnResult,
} from '../../src/ports/kv-store.js';

export class CountingStore implements KvStore {
  readonly #store: KvStore;
  readonly counts = { txn: 0, get: 0, range: 0 };
  /** The sizes of the transactions that were committed. */
  readonly sizes: number[] = [];
  /** While it is false nothing is answered any more, and nothing arrives. */
  isUp = true;
  /** How many answers of transactions are lost from now on, after they were carried out. */
  losing = 0;
  /** How many turns of the event loop's microtasks a transaction is on its way. */
  wayLength = 0;
  #blindTo: string | undefined;
  #sight: Promise<void> | undefined;

  constructor(store: KvStore) {
    this.#store = store;
  }

  async get(key: string): Promise<KvEntry | undefined> {
    this.counts.get++;
    await this.#mustBeUp();
    return this.#store.get(key);
  }

  async range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    this.counts.range++;
    await this.#mustBeUp();
    return this.#store.range(prefix);
  }

  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.counts.txn++;
    await this.#mustBeUp();
    for (let turn = 0; turn < this.wayLength; turn++) await Promise.resolve();
    const result = await this.#store.txn(compare, ops);
    if (result.committed) this.sizes.push(ops.length);
    if (this.losing === 0) return result;
    this.losing--;
    throw new ConfigError('No answer from the store', 'io');
  }

  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<KvChange> {
    for await (const change of this.#store.watch(prefix, after, signal)) {
      if (prefix === this.#blindTo) await this.#sight;
      yield change;
    }
  }

  /** Shows no changes under this prefix until the answer is called. */
  blind(prefix: string): () => void {
    let see = (): void => undefined;
    this.#sight = new Promise((resolve) => (see = resolve));
    this.#blindTo = prefix;
    return () => {
      this.#blindTo = undefined;
      see();
    };
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #mustBeUp(): Promise<void> {
    if (!this.isUp) await new Promise(() => undefined);
  }
}
