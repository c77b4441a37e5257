/**
 * Opening a store on lmdb: the directory, the database, and whose it is.
 */
import { ABORT, open } from 'lmdb';
import { ConfigError } from '../errors.js';
import type { KvStore } from '../ports/kv-store.js';
import { prepareDirectory } from './data-file.js';
import { calling, type Database, LmdbKvStore, OWNER_KEY } from './lmdb-kv-store.js';
import { formatOwner, isRunning, parseOwner, thisProcess } from './owner.js';

/**
 * What opening a store on lmdb needs.
 * @public
 */
export interface LmdbOptions {
  /** The directory; made, for its owner only, if it is not there. */
  readonly path: string;
}

/**
 * Opens a key-value store in a directory. Transactions are on the disk when they are acknowledged,
 * and survive the death of the process at any moment. One process has a store at a time; watches
 * see the changes of this process, which are all there are. Processes are told apart by their
 * numbers, so all that open a store must share one process namespace and one machine.
 *
 * Rejects with `ConfigError`: `in_use` if another process has the store (its number is in the
 * message), `io` if the directory cannot be used, `corrupt` if what lies there is damaged.
 * @public
 */
export async function openLmdb({ path }: LmdbOptions): Promise<KvStore> {
  prepareDirectory(path);
  const db: Database = calling(() =>
    open<string, Buffer>({
      path,
      noSubdir: false,
      encoding: 'string',
      keyEncoding: 'binary',
      useVersions: true,
      // A transaction then is over only when it is on the disk, and fails as a whole.
      overlappingSync: false,
      eventTurnBatching: false,
    }),
  );
  try {
    takeOver(db, path);
    return calling(() => new LmdbKvStore(db));
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Writes our name down, unless a living process's name is there. lmdb's write lock decides. */
function takeOver(db: Database, path: string): void {
  let holder: number | undefined;
  calling(() =>
    db.transactionSync(() => {
      const owner = parseOwner(db.get(OWNER_KEY) ?? '');
      if (owner !== undefined && isRunning(owner)) {
        holder = owner.pid;
        return ABORT;
      }
      void db.put(OWNER_KEY, formatOwner(thisProcess()), 0);
      return undefined;
    }),
  );
  if (holder === undefined) return;
  const who = holder === process.pid ? 'this process' : `process ${holder}`;
  throw new ConfigError(
    `The store '${path}' is in use by ${who}; stop it, or wait until it has ended`,
    'in_use',
  );
}
