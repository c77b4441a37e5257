/**
 * The key-value store in memory: for tests, for hosts that need no persistence, and the plain
 * statement of what the other stores do. Nothing survives the process.
 */
import { ConfigError } from '../errors.js';
import { KvChangeLog } from '../ports/kv-change-log.js';
import { checkKey, checkTxn, compareKeys } from '../ports/kv-rules.js';
import type {
  KvChange,
  KvCompare,
  KvEntry,
  KvOp,
  KvStore,
  KvTxnResult,
} from '../ports/kv-store.js';

/**
 * A key-value store in memory.
 * @public
 */
export class MemoryKvStore implements KvStore {
  readonly #entries = new Map<string, KvEntry>();
  readonly #changes: KvChangeLog;
  /** The keys in order; absent after keys came or went, until somebody asks for a range. */
  #ordered: readonly string[] | undefined;
  #revision = 0;
  #closed = false;

  /** `history`: how many transactions watchers may lag behind; 1,024 if not given. */
  constructor(options: { readonly history?: number } = {}) {
    this.#changes = new KvChangeLog(0, options.history);
  }

  /** One key. */
  async get(key: string): Promise<KvEntry | undefined> {
    this.#mustBeOpen();
    checkKey(key);
    return this.#entries.get(key);
  }

  /** All keys with a prefix, in order. */
  async range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    this.#mustBeOpen();
    const keys = (this.#ordered ??= [...this.#entries.keys()].sort(compareKeys));
    const entries: KvEntry[] = [];
    for (let at = firstFrom(keys, prefix); at < keys.length; at++) {
      const entry = this.#entries.get(keys[at] ?? '');
      if (entry?.key.startsWith(prefix) !== true) break;
      entries.push(entry);
    }
    return { entries, revision: this.#revision };
  }

  /** A transaction. */
  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.#mustBeOpen();
    checkTxn(compare, ops);
    const holds = compare.every(
      ({ key, revision }) => (this.#entries.get(key)?.revision ?? 0) === revision,
    );
    if (!holds) return { committed: false, revision: this.#revision };
    const effective = ops.filter((op) => op.op === 'put' || this.#entries.has(op.key));
    if (effective.length > 0) this.#carryOut(effective);
    return { committed: true, revision: this.#revision };
  }

  /** Changes as they happen. */
  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<KvChange> {
    return this.#changes.watch(prefix, after, signal);
  }

  /** Ends all watches; later calls reject. The contents are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changes.close();
    this.#entries.clear();
  }

  #carryOut(ops: readonly KvOp[]): void {
    const revision = ++this.#revision;
    for (const op of ops) {
      if (op.op === 'delete') {
        this.#entries.delete(op.key);
        this.#ordered = undefined;
      } else {
        if (!this.#entries.has(op.key)) this.#ordered = undefined;
        this.#entries.set(op.key, { key: op.key, value: op.value, revision });
      }
    }
    this.#changes.record(revision, ops);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new ConfigError('The store is closed; open it again', 'closed');
  }
}

/** Index of the first key that is not before `prefix`. */
function firstFrom(keys: readonly string[], prefix: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', prefix) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
