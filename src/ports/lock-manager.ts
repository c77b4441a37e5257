/**
 * Who may work on what: the port to the locks. In one process `MemoryLockManager` serves it; a
 * control plane of several processes puts a store with leases behind it.
 *
 * Contract of all methods:
 * P1 A request is granted whole or not at all.
 * P2 `release`, `narrow` and `downgrade` never throw or reject and count at once: what an owner
 *    asks after them sees their effect, so nobody has to wait for them.
 * P3 One owner has one request under way at a time.
 * P4 `held` is what the owner may rely on now.
 * P5 Once `lost` has fired nothing is granted any more, and whoever works for an owner stops and
 *    takes nothing back: that is up to the process which takes over.
 */
import { type LockBlocker, ProgrammerError } from '../errors.js';
import type { LockLevel, LockMode, LockName } from '../model/lock.js';
import type { LockFence } from './fence.js';

/**
 * Who owns locks: one attempt of one operation. Any text that no other owner has.
 * @public
 */
export type OwnerId = string & { readonly __ownerId: never };

/**
 * Makes an owner's id from a text, such as a job's id.
 * Throws `ProgrammerError` for an empty text.
 * @public
 */
export function ownerId(text: string): OwnerId {
  if (text === '') throw new ProgrammerError('The id of a lock owner must not be empty');
  return text as OwnerId;
}

/**
 * A wish for one lock.
 * @public
 */
export interface LockRequest {
  /** The lock; `<level>/[lockset]` is the whole level. */
  readonly lock: LockName;
  /** Shared or exclusive. */
  readonly mode: LockMode;
}

/**
 * Locks that are only of use together, such as a node's own lock and that of its resources.
 * @public
 */
export type LockUnit = readonly LockName[];

/**
 * How to wait for locks that are taken.
 * @public
 */
export interface LockWait {
  /**
   * Urgency, a whole number from -20 to 19; lower is more urgent (Ganeti's opcode priorities).
   * 0 if not given.
   */
  readonly priority?: number;
  /** Most time to wait, milliseconds; without limit if not given, 0 for not at all. */
  readonly timeoutMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Told once, when the waiting begins, who is in the way. Not called if nobody is. */
  readonly onBlocked?: (blockers: readonly LockBlocker[]) => void;
}

/**
 * How to wait for a number of units out of many.
 * @public
 */
export interface AvailableWait extends LockWait {
  /** With fewer free units the request waits. At least 1. */
  readonly atLeast: number;
}

/**
 * An owner of a lock, for display.
 * @public
 */
export interface LockHolder {
  /** The owner. */
  readonly owner: OwnerId;
  /** Since when, in milliseconds of the monotonic clock. */
  readonly sinceMs: number;
}

/**
 * A lock that is owned, for display. The fields are those of Ganeti's lock query.
 * @public
 */
export interface LockStatus {
  /** The lock, as `<level>/<name>`. */
  readonly name: LockName;
  /** How it is owned. */
  readonly mode: LockMode;
  /** By whom: one owner, or several who share it; the first to come stands first. */
  readonly owner: readonly LockHolder[];
}

/**
 * A request that waits, for display.
 * @public
 */
export interface PendingRequest {
  /** Who waits. */
  readonly owner: OwnerId;
  /** The urgency that was asked for, -20 (highest) to 19 (lowest). */
  readonly priority: number;
  /** Since when, in milliseconds of the monotonic clock. */
  readonly sinceMs: number;
  /** All locks that are asked for; for an opportunistic request all locks of all candidates. */
  readonly wants: readonly LockRequest[];
  /** How many units an opportunistic request needs; missing for other requests. */
  readonly atLeast?: number;
  /** Who is in the way: the owners and waiters who come first, up to 100. */
  readonly blockers: readonly LockBlocker[];
}

/**
 * All that a lock manager knows at one moment: plain data.
 * @public
 */
export interface LockReport {
  /** Owned locks, in the order in which locks are taken. */
  readonly locks: readonly LockStatus[];
  /** Waiting requests; the one with the most precedence stands first. */
  readonly pending: readonly PendingRequest[];
}

/**
 * Finishes what an owner began whose process is gone. Its locks are held meanwhile, by this
 * process; they are given back when the promise resolves. If it rejects they stay, and it is called
 * again later.
 * @public
 */
export type TakeOver = (owner: OwnerId) => Promise<void>;

/**
 * Gives out locks. Whoever holds locks asks only for later ones in the order of levels and names
 * (the whole-set lock before the names of its level); to ask again for what is held is harmless.
 * @public
 */
export interface LockManager {
  /**
   * Grants all requests together. Answers `undefined` if they were granted at once, else a promise
   * for that; `await` suits both. Of two requests for one lock the stronger counts.
   *
   * Fails with `LockTimeout`, with `Cancelled` if the signal fires (or has fired), with
   * `LockOrderError` if waiting could deadlock (an earlier lock, or exclusive for shared), with
   * `ProgrammerError` if the owner is waiting already or the request makes no sense. It may throw
   * or reject.
   */
  acquire(
    owner: OwnerId,
    requests: readonly LockRequest[],
    wait?: LockWait,
  ): Promise<void> | undefined;
  /**
   * Grants every candidate that is free, as soon as `atLeast` are, and answers with them
   * (opportunistic locking). A candidate is granted as one unit and never waited for on its own.
   * Fails like `acquire`, and with `ProgrammerError` if there are fewer than `atLeast` candidates.
   */
  acquireAvailable(
    owner: OwnerId,
    candidates: readonly LockUnit[],
    mode: LockMode,
    wait: AvailableWait,
  ): Promise<readonly LockUnit[]> | readonly LockUnit[];
  /**
   * Gives locks back; what the owner does not hold is ignored. `'all'` also takes back a request
   * that waits, which then fails with `Cancelled`.
   */
  release(owner: OwnerId, locks: Iterable<LockName> | 'all'): Promise<void> | undefined;
  /**
   * Gives back all of a level but the locks of these names. From a whole level it leads to just
   * these names, in the same mode, and nobody gets in between.
   */
  narrow(owner: OwnerId, level: LockLevel, names: Iterable<string>): Promise<void> | undefined;
  /** Turns exclusive locks into shared ones; what the owner does not hold is ignored. */
  downgrade(owner: OwnerId, locks: Iterable<LockName>): Promise<void> | undefined;
  /** The owner's locks, in the order in which locks are taken. */
  held(owner: OwnerId): ReadonlyMap<LockName, LockMode>;
  /** Who holds what since when, and who waits for what and whom. */
  explain(): Promise<LockReport> | LockReport;
  /**
   * What proves to others that the owner may act now. `undefined` if it holds nothing, or if
   * nothing can come between an owner and its locks, as in a single process.
   */
  fence(owner: OwnerId): LockFence | undefined;
  /**
   * Gives the owner another proof of its right: what was sent with an older one, and is still
   * under way, is not accepted any more once this has resolved. Changes nothing where there are no
   * fences.
   * Rejects with `LockLost` if the locks are lost.
   */
  renew(owner: OwnerId): Promise<void>;
  /**
   * Fires when all owners of this process have lost their locks, or are about to: see P5. Its
   * reason is a `LockLost`. `undefined` where the locks live and die with the process.
   */
  readonly lost: AbortSignal | undefined;
  /**
   * From now on, `handler` is called for each owner whose process is gone. Of all processes that
   * ask for this, one is called. Without any such process the locks of the dead stay taken. The
   * answer ends it; who is being taken care of already is finished.
   */
  takeOver(handler: TakeOver): () => void;
}
