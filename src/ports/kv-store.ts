/**
 * A small ordered key-value store with transactions: what configuration and journal are kept on.
 * Modelled after etcd's: a store-wide revision counts transactions that changed something, and
 * every key remembers the revision that wrote it last.
 */
import { LuError } from '../errors.js';

/**
 * A key with its value.
 * @public
 */
export interface KvEntry {
  /** Non-empty; at most 1,024 bytes. */
  readonly key: string;
  /** Text, usually JSON. */
  readonly value: string;
  /** The store's revision when the key was written last. */
  readonly revision: number;
}

/**
 * A condition of a transaction: the key was last written at this revision; 0 means that the key
 * does not exist.
 * @public
 */
export interface KvCompare {
  /** The key. */
  readonly key: string;
  /** The revision, or 0. */
  readonly revision: number;
}

/**
 * One change of a transaction.
 * @public
 */
export type KvOp =
  | { readonly op: 'put'; readonly key: string; readonly value: string }
  | { readonly op: 'delete'; readonly key: string };

/**
 * What came of a transaction.
 * @public
 */
export interface KvTxnResult {
  /** False if a condition did not hold; then nothing was changed. */
  readonly committed: boolean;
  /** The store's revision afterwards. */
  readonly revision: number;
}

/**
 * Changes of one transaction, as a watcher sees them.
 * @public
 */
export interface KvChange {
  /** The revision that made them. */
  readonly revision: number;
  /** The changes under the watched prefix, in order. */
  readonly ops: readonly KvOp[];
}

/**
 * The store. All methods reject with a `ConfigError` (`closed`, `io`, `corrupt`) if they fail.
 * @public
 */
export interface KvStore {
  /** One key, or `undefined`. */
  get(key: string): Promise<KvEntry | undefined>;
  /** All keys that begin with `prefix`, in the order of their UTF-8 bytes, with the revision. */
  range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }>;
  /**
   * Carries out all of `ops` if all of `compare` holds, else nothing. When the promise resolves
   * the change is durable, as far as the store is durable at all. No key may occur twice in `ops`.
   *
   * A rejection means that nothing was changed, with one exception: an error for which
   * `isOutcomeUnknown` is true (`ConfigError` `io`, `about: 'unknown-outcome'`). Then the change
   * was sent to a store across a network and its answer did not come back: it has been carried out,
   * or has not, or still will be within moments. The store never repeats it by itself. Who must
   * know compares and writes something of its own in the same transaction, and reads that.
   */
  txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult>;
  /**
   * Changes under `prefix` after revision `after`, one item per transaction, in order, without
   * gaps. Ends when the signal is aborted or the store is closed. Fails with `ConfigError`
   * `conflict` if the store no longer remembers `after`; then read again by `range`.
   */
  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<KvChange>;
  /** Ends all watches and gives back the store's resources. Twice is harmless. */
  close(): Promise<void>;
}

/**
 * True for a change that may or may not have been made: it was sent, and its answer was lost. Look
 * at the store before you repeat it.
 * @public
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return LuError.is(error) && error.about === 'unknown-outcome';
}
