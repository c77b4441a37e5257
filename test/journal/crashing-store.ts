/**
 * A store whose process dies at a chosen write: from then on every call fails, and what the store
 * holds is what a process that starts afterwards finds.
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

/** Whether the fatal write is carried out: its process does not live to know. */
export type CrashMoment = 'before' | 'after';

/** A process's view of a store, up to its death. */
export class CrashingStore implements KvStore {
  readonly #inner: KvStore;
  readonly #at: number;
  readonly #moment: CrashMoment;
  #writes = 0;

  /** Dies at the `at`th transaction, counted from 1. */
  constructor(inner: KvStore, at: number, moment: CrashMoment) {
    this.#inner = inner;
    this.#at = at;
    this.#moment = moment;
  }

  /** Whether the process has died. */
  get hasCrashed(): boolean {
    return this.#writes >= this.#at;
  }

  async get(key: string): Promise<KvEntry | undefined> {
    this.#mustLive();
    return this.#inner.get(key);
  }

  async range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    this.#mustLive();
    return this.#inner.range(prefix);
  }

  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.#mustLive();
    this.#writes++;
    if (!this.hasCrashed) return this.#inner.txn(compare, ops);
    if (this.#moment === 'after') await this.#inner.txn(compare, ops);
    throw death();
  }

  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<KvChange> {
    this.#mustLive();
    return this.#inner.watch(prefix, after, signal);
  }

  async close(): Promise<void> {}

  #mustLive(): void {
    if (this.hasCrashed) throw death();
  }
}

function death(): ConfigError {
  return new ConfigError('The process died here', 'io');
}
