/**
 * Knowing when processes on a real store have come to rest, though nobody tells: every call to the
 * store is counted, and every watch is owed what was written under its prefix.
 *
 * Holds if all that write under these prefixes do it through stores of one `Quiet`.
 */
import type { KvChange, KvOp, KvStore } from '../../../src/ports/kv-store.js';
import type { ManualClock } from '../../../src/testing/manual-clock.js';
import { poll } from './poll.js';

interface Watch {
  readonly prefix: string;
  /** The newest change that has had its effect. */
  seen: number;
  /** Keys that were seen to go. */
  readonly gone: Set<string>;
}

/** What goes on between some processes and their store. */
export class Quiet {
  readonly #watches = new Set<Watch>();
  readonly #written: { readonly revision: number; readonly keys: readonly string[] }[] = [];
  #underWay = 0;

  /** The store, overheard. */
  hear(store: KvStore): KvStore {
    return {
      get: (key) => this.#count(store.get(key)),
      range: (prefix) => this.#count(store.range(prefix)),
      txn: (compare, ops) =>
        this.#count(
          store.txn(compare, ops).then((result) => {
            if (result.committed) this.#note(result.revision, ops);
            return result;
          }),
        ),
      watch: (prefix, after, signal) => this.#watch(store, prefix, after, signal),
      close: () => store.close(),
    };
  }

  /** Resolves when nothing moves until somebody says something, or time passes. */
  async rest(clock: ManualClock): Promise<void> {
    await poll('the processes to come to rest', async () => {
      await clock.advance(0);
      // Everything runs that waits for neither the network nor a clock.
      await new Promise((resolve) => setImmediate(resolve));
      return this.#underWay === 0 && [...this.#watches].every((watch) => !this.#isBehind(watch));
    });
  }

  /** Resolves when all who watch a key have seen it go, whoever has deleted it. */
  async deleted(key: string): Promise<void> {
    await poll(`'${key}' to be seen to go`, () =>
      Promise.resolve(
        [...this.#watches].every(({ prefix, gone }) => !key.startsWith(prefix) || gone.has(key)),
      ),
    );
  }

  /** Deleting what is not there is no change; putting is one always. */
  #note(revision: number, ops: readonly KvOp[]): void {
    const keys = ops.filter(({ op }) => op === 'put').map(({ key }) => key);
    this.#written.push({ revision, keys });
  }

  #isBehind({ prefix, seen }: Watch): boolean {
    return this.#written.some(
      ({ revision, keys }) => revision > seen && keys.some((key) => key.startsWith(prefix)),
    );
  }

  async #count<T>(call: Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await call;
    } finally {
      this.#underWay -= 1;
    }
  }

  async *#watch(
    store: KvStore,
    prefix: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<KvChange> {
    const watch: Watch = { prefix, seen: after, gone: new Set() };
    this.#watches.add(watch);
    try {
      for await (const change of store.watch(prefix, after, signal)) {
        yield change;
        // Asked for the next one, so this one has had its effect.
        watch.seen = change.revision;
        for (const { op, key } of change.ops) if (op === 'delete') watch.gone.add(key);
      }
    } finally {
      this.#watches.delete(watch);
    }
  }
}
