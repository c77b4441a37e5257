/**
 * The key-value store on lmdb: a directory on disk, one process at a time.
 *
 * L1 A transaction that was acknowledged is on the disk: its promise waits for the sync.
 * L2 A transaction is there as a whole or not at all, whenever the process dies.
 * L3 Conditions are judged inside lmdb's own write lock, on what is stored.
 *
 * Keys are kept as their UTF-8 bytes, and lmdb's version number of an entry is the revision that
 * wrote it. Records of our own have keys that begin with NUL, which no key of a caller may hold.
 */
import { ABORT, type RootDatabase } from 'lmdb';
import { ConfigError } from '../errors.js';
import { KvChangeLog } from '../ports/kv-change-log.js';
import { checkKey, checkTxn } from '../ports/kv-rules.js';
import type {
  KvChange,
  KvCompare,
  KvEntry,
  KvOp,
  KvStore,
  KvTxnResult,
} from '../ports/kv-store.js';

/** lmdb, as it is used here: text by bytes. */
export type Database = RootDatabase<string, Buffer>;

/** Where the store's revision is kept. */
export const REVISION_KEY = Buffer.from('\0revision');

/** Where the owner's record is kept. */
export const OWNER_KEY = Buffer.from('\0owner');

/** The first key that a caller may use. */
const FIRST_KEY = Buffer.from([1]);

/** The store on lmdb. */
export class LmdbKvStore implements KvStore {
  readonly #db: Database;
  readonly #changes: KvChangeLog;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#changes = new KvChangeLog(revisionOf(db));
  }

  async get(key: string): Promise<KvEntry | undefined> {
    this.#mustBeOpen();
    checkKey(key);
    const found = calling(() => this.#db.getEntry(Buffer.from(key)));
    return found === undefined ? undefined : entry(key, found);
  }

  async range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    this.#mustBeOpen();
    // Nothing is awaited in here, so all of it is read from one and the same state.
    return calling(() => {
      const entries: KvEntry[] = [];
      const start = prefix === '' ? FIRST_KEY : Buffer.from(prefix);
      for (const found of this.#db.getRange({ start, versions: true })) {
        const key = Buffer.from(found.key).toString();
        if (!key.startsWith(prefix)) break;
        entries.push(entry(key, found));
      }
      return { entries, revision: revisionOf(this.#db) };
    });
  }

  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.#mustBeOpen();
    checkTxn(compare, ops);
    const work = { done: [] as KvOp[], committed: false, revision: 0 };
    const written = writing(() =>
      this.#db.childTransaction(() => {
        const holds = compare.every(({ key, revision }) => this.#revisionOfKey(key) === revision);
        work.revision = revisionOf(this.#db);
        work.committed = holds;
        work.done = holds ? ops.filter((op) => op.op === 'put' || this.#has(op.key)) : [];
        if (work.done.length === 0) return ABORT;
        this.#carryOut(work.done, ++work.revision);
        return undefined;
      }),
    );
    this.#underWay.add(written);
    try {
      await written;
    } finally {
      this.#underWay.delete(written);
    }
    if (work.done.length > 0) this.#changes.record(work.revision, work.done);
    return { committed: work.committed, revision: work.revision };
  }

  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<KvChange> {
    return this.#changes.watch(prefix, after, signal);
  }

  /** Waits for transactions under way, gives up ownership, and closes the files. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#changes.close();
    await Promise.allSettled(this.#underWay);
    try {
      await writing(() => this.#db.remove(OWNER_KEY));
    } finally {
      await this.#db.close();
    }
  }

  #carryOut(ops: readonly KvOp[], revision: number): void {
    for (const op of ops) {
      const key = Buffer.from(op.key);
      // Inside a transaction these are done at once; the promises are for use outside of one.
      if (op.op === 'put') void this.#db.put(key, op.value, revision);
      else void this.#db.remove(key);
    }
    void this.#db.put(REVISION_KEY, String(revision), revision);
  }

  #revisionOfKey(key: string): number {
    return this.#db.getEntry(Buffer.from(key))?.version ?? 0;
  }

  #has(key: string): boolean {
    return this.#db.doesExist(Buffer.from(key));
  }

  #mustBeOpen(): void {
    if (this.#closing === undefined) return;
    throw new ConfigError('The store is closed; open it again', 'closed');
  }
}

function revisionOf(db: Database): number {
  return Number(db.get(REVISION_KEY) ?? 0);
}

function entry(key: string, found: { value: string; version?: number }): KvEntry {
  return { key, value: found.value, revision: found.version ?? 0 };
}

/** Calls lmdb; what it throws becomes a `ConfigError`. */
export function calling<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw asConfigError(cause);
  }
}

async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw asConfigError(await reasonOf(error));
  }
}

/** lmdb tells the reason of a failed commit by a promise of its own, which must not go unheard. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (reason) {
    return reason;
  }
}

/**
 * lmdb's numbers for a file which is not as it should be: pages missing or of a wrong kind, another
 * format, a transaction that broke on its own pages.
 */
const DAMAGE: ReadonlySet<unknown> = new Set([
  -30797, -30796, -30795, -30794, -30793, -30784, -30782, -30779,
]);

function asConfigError(cause: unknown): ConfigError {
  if (cause instanceof ConfigError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (DAMAGE.has(code)) {
    const message = `The store is damaged (${reason}); restore it from a backup`;
    return new ConfigError(message, 'corrupt', { cause });
  }
  const message = `The store cannot be used (${reason}); nothing of this change was kept`;
  return new ConfigError(message, 'io', { cause });
}
