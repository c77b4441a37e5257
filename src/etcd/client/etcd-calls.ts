/**
 * The calls of etcd that stores and memberships are built from. Their types alone: whoever uses the
 * package does not get to see those of gRPC.
 */
import type { KvCompare, KvEntry } from '../../ports/kv-store.js';
import type { WatchAnswer } from './messages.js';
import type { EtcdOp } from './txn-request.js';

/** What becomes of a call. */
export interface CallRules {
  /** Whether doing it twice is the same as doing it once; only then it is sent again. */
  readonly repeatable: boolean;
  /** Longest time for all tries, milliseconds. */
  readonly timeoutMs?: number;
  /** Longest time for one try, milliseconds. */
  readonly attemptMs?: number;
}

/** What to watch. */
export interface WatchRequest {
  readonly prefix: string;
  /** The first revision to be seen; at least 1. */
  readonly startRevision: number;
}

/** Keys of a prefix, as many as were asked for. */
export interface EtcdPage {
  readonly entries: readonly KvEntry[];
  /** Whether there are more. */
  readonly more: boolean;
  /** The store's revision when it was read. */
  readonly revision: number;
}

/** Which keys to read. */
export interface EtcdPageRequest {
  readonly prefix: string;
  /** Only keys after this one. */
  readonly from?: string;
  /** Most keys to read. */
  readonly limit: number;
  /** The state to read; the newest if not given. */
  readonly revision?: number;
}

/** A lease. */
export interface EtcdLease {
  readonly id: string;
  /** What the server grants, which may be more than was asked for. */
  readonly ttlSeconds: number;
}

/** A cluster of etcd. All methods reject with `ConfigError`. */
export interface EtcdCalls {
  /** One key. */
  get(key: string): Promise<KvEntry | undefined>;
  /** Keys that begin with a prefix, in the order of their bytes. */
  page(request: EtcdPageRequest): Promise<EtcdPage>;
  /**
   * A transaction. With `repeatable` it is sent again when its answer was lost; else, and if
   * nothing is said, the error says that the outcome is unknown.
   */
  txn(
    compare: readonly KvCompare[],
    ops: readonly EtcdOp[],
    rules?: CallRules,
  ): Promise<{ readonly committed: boolean; readonly revision: number }>;
  /**
   * What the server says of one watch on one connection. Ends when the connection is lost or the
   * signal fires; throws `ConfigError` when watching on would be in vain (`conflict`: the start is
   * forgotten).
   */
  watch(request: WatchRequest, signal: AbortSignal): AsyncGenerator<WatchAnswer, void>;
  /** Waits a little before the next try of something, longer with each round; rejects on abort. */
  pause(round: number, signal: AbortSignal): Promise<void>;
  /** A new lease. One whose answer was lost ends by itself. */
  grantLease(ttlSeconds: number): Promise<EtcdLease>;
  /** Says that the lease is still wanted; resolves to its seconds from now, 0 if it is gone. */
  keepLease(id: string, rules?: Omit<CallRules, 'repeatable'>): Promise<number>;
  /** Ends a lease and all that goes with it. One that is gone has ended. */
  revokeLease(id: string, rules?: Omit<CallRules, 'repeatable'>): Promise<void>;
  /** Ends all calls and connections. Twice is harmless. */
  close(): void;
}
