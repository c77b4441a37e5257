/**
 * What watchers of a key-value store live on: the last changes, in order, and a bell. A store
 * records each transaction here after it has become durable.
 *
 * C1 A watcher gets every change after the revision it named, once, in order, or a `conflict`.
 * C2 At least `limit` changes are remembered; a watcher that falls behind further is told so, and
 *    costs the store no memory.
 */
import { ConfigError } from '../errors.js';
import type { KvChange, KvOp } from './kv-store.js';

/**
 * The latest changes of a store and those who wait for the next one.
 * @public
 */
export class KvChangeLog {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #changes: KvChange[] = [];
  /** Everything up to here is forgotten, or was never known. */
  #forgotten: number;
  #latest: number;
  #closed = false;

  /** `revision`: the store's revision when the log begins. `limit`: changes to remember. */
  constructor(revision: number, limit: number = 1024) {
    this.#forgotten = revision;
    this.#latest = revision;
    this.#limit = limit;
  }

  /** Remembers a transaction's changes and wakes the watchers. Revisions must ascend. */
  record(revision: number, ops: readonly KvOp[]): void {
    this.#changes.push({ revision, ops });
    this.#latest = revision;
    if (this.#changes.length > 2 * this.#limit) this.#forget();
    this.#ring();
  }

  /** Ends all watches. Twice is harmless. */
  close(): void {
    this.#closed = true;
    this.#ring();
  }

  /** The changes under `prefix` after `after`: `KvStore.watch` for stores built on a log. */
  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<KvChange> {
    if (this.#closed) throw new ConfigError('The store is closed; open it again', 'closed');
    let seen = after;
    while (!signal.aborted && !this.#closed) {
      const change = this.#after(seen);
      if (change === undefined) {
        await this.#bell(signal);
        continue;
      }
      seen = change.revision;
      const ops = change.ops.filter(({ key }) => key.startsWith(prefix));
      if (ops.length > 0) yield { revision: change.revision, ops };
    }
  }

  #after(revision: number): KvChange | undefined {
    if (revision < this.#forgotten) {
      throw new ConfigError(
        `The changes after revision ${revision} are forgotten; read the keys again, then watch on`,
        'conflict',
      );
    }
    if (revision >= this.#latest) return undefined;
    return this.#changes[firstAfter(this.#changes, revision)];
  }

  #forget(): void {
    const dropped = this.#changes.length - this.#limit;
    this.#forgotten = this.#changes[dropped - 1]?.revision ?? this.#forgotten;
    this.#changes = this.#changes.slice(dropped);
  }

  #bell(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #ring(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Index of the first change whose revision is greater; the changes are sorted. */
function firstAfter(changes: readonly KvChange[], revision: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle]?.revision ?? 0) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
