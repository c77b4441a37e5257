/**
 * The key-value store on etcd, under a prefix of keys. Several processes may have it open, and
 * other prefixes of the same etcd belong to others; revisions are etcd's, so they also grow with
 * what others write.
 *
 * K1 A range is read from one state, however many pages it takes.
 * K2 A watch goes on where it was when its connection was lost: no gap, nothing twice.
 * K3 A transaction is sent once. When its answer is lost, the error says that nobody knows.
 */
import { ConfigError } from '../errors.js';
import { checkKey, checkTxn } from '../ports/kv-rules.js';
import type {
  KvChange,
  KvCompare,
  KvEntry,
  KvOp,
  KvStore,
  KvTxnResult,
} from '../ports/kv-store.js';
import { ChangeGroups } from './change-groups.js';
import type { EtcdCalls } from './client/etcd-calls.js';

/** Keys per page of a range. */
const PAGE = 1_000;

/** How often a range begins anew when etcd forgets the state that is being read. */
const RANGE_TRIES = 5;

/** What the store needs. */
export interface EtcdKvStoreParts {
  readonly client: EtcdCalls;
  readonly prefix: string;
}

/**
 * A key-value store on etcd; made by `openEtcd`.
 * @public
 */
export class EtcdKvStore implements KvStore {
  readonly #client: EtcdCalls;
  readonly #prefix: string;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor({ client, prefix }: EtcdKvStoreParts) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** One key. */
  async get(key: string): Promise<KvEntry | undefined> {
    this.#mustBeOpen();
    checkKey(key);
    const entry = await this.#running(this.#client.get(this.#prefix + key));
    return entry === undefined ? undefined : { ...entry, key };
  }

  /** All keys with a prefix, in order, read from one state. */
  async range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    this.#mustBeOpen();
    return this.#running(this.#range(this.#prefix + prefix));
  }

  /**
   * A transaction. Rejects with `ConfigError` `io` if it is larger than the server takes. Without
   * flags that is 1.5 MiB, 128 comparisons, and 4,096 changes with up to 64 comparisons (2,800 with
   * 100, 128 with 128).
   */
  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.#mustBeOpen();
    checkTxn(compare, ops);
    const within = <T extends { readonly key: string }>(part: T): T => ({
      ...part,
      key: this.#prefix + part.key,
    });
    return this.#running(this.#client.txn(compare.map(within), ops.map(within)));
  }

  /** Changes of all processes, as they happen. Waits while etcd cannot be reached. */
  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<KvChange> {
    this.#mustBeOpen();
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    let seen = after;
    for (let failures = 0; !ending.aborted; failures++) {
      const groups = new ChangeGroups(this.#prefix, seen);
      const request = { prefix: this.#prefix + prefix, startRevision: seen + 1 };
      for await (const answer of this.#client.watch(request, ending)) {
        failures = 0;
        for (const change of groups.take(answer)) {
          if (ending.aborted) return;
          seen = change.revision;
          yield change;
        }
        seen = groups.seen;
      }
      await this.#client.pause(failures + 1, ending).catch(() => {});
    }
  }

  /** @internal */
  get parts(): EtcdKvStoreParts {
    return { client: this.#client, prefix: this.#prefix };
  }

  /** Ends all watches and waits for what is under way. The connection is closed. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    this.#client.close();
  }

  async #range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#pages(prefix);
      } catch (error) {
        if (!isForgotten(error) || tries === RANGE_TRIES) throw error;
      }
    }
  }

  async #pages(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    const first = await this.#client.page({ prefix, limit: PAGE });
    const { revision } = first;
    const entries = [...first.entries];
    for (let { more } = first; more; ) {
      const from = entries.at(-1)?.key ?? prefix;
      const page = await this.#client.page({ prefix, from, limit: PAGE, revision });
      entries.push(...page.entries);
      more = page.more;
    }
    const { length } = this.#prefix;
    return { entries: entries.map((one) => ({ ...one, key: one.key.slice(length) })), revision };
  }

  async #running<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #mustBeOpen(): void {
    if (this.#closed === undefined) return;
    throw new ConfigError('The store is closed; open it again', 'closed');
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof ConfigError && error.code === 'conflict';
}
