/**
 * Locks that several processes share: the asynchronous shell around the table in the store. What is
 * granted, and to whom, is decided by the same queue as in a single process.
 *
 * H1 Whoever changes the table grants in the same transaction what that lets go, also to owners of
 *    other processes, which see it by their watch. Nobody polls.
 * H2 What an owner gives back counts here at once, and is written in the order in which it was
 *    said.
 * H3 A request that ends without a grant (time, abort, giving all back) ends at once; that it is
 *    taken out of the store follows, together with what it may have been granted meanwhile.
 * H4 When this process no longer counts as alive, everything ends: see P5 of the port.
 */
import { Cancelled, LockLost, ProgrammerError } from '../../errors.js';
import type { Allocation } from '../../locks/allocation.js';
import { choiceOf } from '../../locks/choice.js';
import { LOCK_LEVELS, lockName } from '../../locks/level.js';
import { AGING_MS } from '../../locks/waiter.js';
import { checkChoice, checkWait } from '../../locks/wishes.js';
import type { LockLevel, LockMode, LockName } from '../../model/lock.js';
import type { Clock } from '../../ports/clock.js';
import type { LockFence } from '../../ports/fence.js';
import { checkKey } from '../../ports/kv-rules.js';
import type { KvStore } from '../../ports/kv-store.js';
import type {
  AvailableWait,
  LockManager,
  LockReport,
  LockRequest,
  LockUnit,
  LockWait,
  OwnerId,
  TakeOver,
} from '../../ports/lock-manager.js';
import type { Membership } from '../../ports/membership.js';
import { fenceKey, ownerKey } from './records.js';
import { foreignOwner } from './requests.js';
import { TableKeeper } from './table-keeper.js';
import { heldIn, viewOf } from './view.js';
import type { Deed } from './words.js';

/**
 * What a `SharedLockManager` runs on.
 * @public
 */
export interface SharedLockOptions {
  /** The store in which the processes keep the locks; keys begin with `locks/`. */
  readonly kv: KvStore;
  /** This process's membership, whose key is in the same store. The locks end with it. */
  readonly membership: Membership;
  /** Time. */
  readonly clock: Clock;
  /**
   * How long a request must have waited to count as one step more urgent, milliseconds; the same in
   * all processes. Half an hour if not given, as in Ganeti.
   */
  readonly agingMs?: number;
  /** Most changes of keys in one transaction of the store; 128 if not given, etcd's default. */
  readonly maxTxnOps?: number;
}

/** etcd's default of `--max-txn-ops`. */
const MAX_TXN_OPS = 128;

/** The version, an owner's two keys, and those of the waiters that it lets go. */
const LEAST_TXN_OPS = 16;

/** Longest request, characters of its record: a transaction has to have room for several. */
const MAX_REQUEST_LENGTH = 256 * 1024;

const PATIENTLY: LockWait = {};

/**
 * Locks for the operations of several processes, kept in a store that they share. Requests are
 * served as by `MemoryLockManager`, over all processes.
 *
 * Each process needs a membership; when one no longer counts as alive, its requests are dropped and
 * what its owners hold stays taken until another process takes over (`takeOver`). Clocks of the
 * processes should agree within seconds; where they do not, requests still come to their turn, but
 * ageing is less exact.
 * @public
 */
export class SharedLockManager implements LockManager {
  readonly #keeper: TableKeeper;
  #isClosing = false;

  private constructor(keeper: TableKeeper) {
    this.#keeper = keeper;
  }

  /**
   * Reads the table and begins to follow it. Fails with `LockLost` if the membership has ended or
   * its key is not in the store, and with `ConfigError` if the store fails.
   */
  static async open(options: SharedLockOptions): Promise<SharedLockManager> {
    const { kv, membership, clock, agingMs = AGING_MS, maxTxnOps = MAX_TXN_OPS } = options;
    if (!(agingMs > 0)) throw new ProgrammerError(`agingMs must be above 0, but it is ${agingMs}`);
    if (!(maxTxnOps >= LEAST_TXN_OPS)) {
      throw new ProgrammerError(
        `maxTxnOps must be ${LEAST_TXN_OPS} or more, but it is ${maxTxnOps}`,
      );
    }
    const keeper = new TableKeeper({ kv, membership, clock, agingMs, maxTxnOps });
    await keeper.start();
    return new SharedLockManager(keeper);
  }

  /** See `LockManager.lost`. */
  get lost(): AbortSignal {
    return this.#keeper.lost;
  }

  /**
   * Writes what was given back and is not written yet, and ends everything as if the locks were
   * lost; requests that wait fail with `LockLost`. Does not end the membership: what is held stays
   * taken until that ends. Twice is harmless.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#keeper.close(closed());
  }

  /** See `LockManager.acquire`. */
  acquire(
    owner: OwnerId,
    requests: readonly LockRequest[],
    wait: LockWait = PATIENTLY,
  ): Promise<void> | undefined {
    const { priority = 0, timeoutMs } = this.#check(owner, wait);
    const missing = this.#view(owner).missing(owner, requests);
    if (missing.length === 0) return undefined;
    const wants = missing.map(({ lock, mode }) => ({ lock, mode }));
    const wanted = wants.map(({ lock }) => lock);
    const deed = { do: 'ask', requests: wants, priority, mayWait: timeoutMs !== 0 } as const;
    return this.#ask(owner, deed, { wanted, candidates: [], wait }).then(() => undefined);
  }

  /** See `LockManager.acquireAvailable`. */
  acquireAvailable(
    owner: OwnerId,
    candidates: readonly LockUnit[],
    mode: LockMode,
    wait: AvailableWait,
  ): Promise<readonly LockUnit[]> | readonly LockUnit[] {
    const { atLeast, timeoutMs, priority = 0 } = wait;
    checkChoice(owner, candidates, atLeast);
    this.#check(owner, wait);
    const { locks } = choiceOf(this.#view(owner), owner, candidates, mode, atLeast);
    if (locks.size === 0) return candidates;
    const mayWait = timeoutMs !== 0;
    const deed = { do: 'choose', units: candidates, mode, atLeast, priority, mayWait } as const;
    return this.#ask(owner, deed, { wanted: [...locks], candidates, wait });
  }

  /** See `LockManager.release`. Resolves when it is written. */
  release(owner: OwnerId, locks: Iterable<LockName> | 'all'): Promise<void> | undefined {
    const view = this.#view(owner);
    if (locks === 'all') {
      if (this.#keeper.isAsking(owner)) {
        const gone = `'${owner}' gave all its locks back while it waited`;
        this.#keeper.fail(owner, new Cancelled(gone));
      }
      const isKnown = this.#keeper.record(owner) ?? this.#keeper.wordsOf(owner)[0];
      return isKnown ? this.#say(owner, { do: 'releaseAll' }) : undefined;
    }
    const given = [...locks].filter((lock) => view.release(owner, lock) !== undefined);
    return given.length === 0 ? undefined : this.#say(owner, { do: 'release', locks: given });
  }

  /** See `LockManager.narrow`. Resolves when it is written. */
  narrow(owner: OwnerId, level: LockLevel, names: Iterable<string>): Promise<void> | undefined {
    const keep = new Set([...names].map((name) => lockName(level, name)));
    const given = this.#view(owner).narrow(owner, LOCK_LEVELS.indexOf(level), keep);
    return given.length === 0 ? undefined : this.#say(owner, { do: 'narrow', level, keep });
  }

  /** See `LockManager.downgrade`. Resolves when it is written. */
  downgrade(owner: OwnerId, locks: Iterable<LockName>): Promise<void> | undefined {
    const view = this.#view(owner);
    const softened = [...locks].filter((lock) => view.downgrade(owner, lock) !== undefined);
    if (softened.length === 0) return undefined;
    return this.#say(owner, { do: 'downgrade', locks: softened });
  }

  /** See `LockManager.held`. Nothing, once the locks are lost. */
  held(owner: OwnerId): ReadonlyMap<LockName, LockMode> {
    return this.lost.aborted ? new Map() : heldIn(this.#view(owner), owner);
  }

  /** See `LockManager.explain`. Shows the owners of all processes. */
  explain(): LockReport {
    return this.#keeper.report();
  }

  /**
   * See `LockManager.fence`. Once the locks are lost it still says what was held: what is compared
   * with it then fails as soon as another process has taken over.
   */
  fence(owner: OwnerId): LockFence | undefined {
    const token = this.#keeper.token(owner);
    const locks = heldIn(this.#view(owner), owner);
    if (token === undefined || locks.size === 0) return undefined;
    return { token, compare: { key: fenceKey(owner), revision: token }, locks };
  }

  /** See `LockManager.renew`. */
  async renew(owner: OwnerId): Promise<void> {
    await this.#say(owner, { do: 'renew' });
    if (this.lost.aborted) throw this.lost.reason;
  }

  /** See `LockManager.takeOver`. */
  takeOver(handler: TakeOver): () => void {
    return this.#keeper.takeOver(handler);
  }

  /** Refuses what makes no sense, and everything once the locks are lost. */
  #check(owner: OwnerId, wait: LockWait): LockWait {
    if (this.lost.aborted) throw this.lost.reason;
    if (this.#isClosing) throw closed();
    checkKey(ownerKey(owner));
    if (this.#keeper.isAsking(owner)) {
      throw new ProgrammerError(`'${owner}' waits for locks already; let one request end first`);
    }
    if (this.#keeper.isForeign(owner)) throw foreignOwner(owner);
    return checkWait(owner, wait);
  }

  #ask(
    owner: OwnerId,
    deed: Extract<Deed, { readonly do: 'ask' | 'choose' }>,
    about: {
      readonly wanted: readonly LockName[];
      readonly candidates: readonly LockUnit[];
      readonly wait: LockWait;
    },
  ): Promise<readonly LockUnit[]> {
    if (JSON.stringify(deed).length > MAX_REQUEST_LENGTH) {
      throw new ProgrammerError(
        `'${owner}' asks for ${about.wanted.length} locks in one request, which is too long for ` +
          'the store; ask for the whole level, or for fewer',
      );
    }
    return this.#keeper.ask(owner, deed, about);
  }

  #say(owner: OwnerId, deed: Deed): Promise<void> | undefined {
    return this.lost.aborted ? undefined : this.#keeper.say(owner, deed).settled;
  }

  #view(owner: OwnerId): Allocation {
    return viewOf(owner, this.#keeper.record(owner), this.#keeper.wordsOf(owner));
  }
}

function closed(): LockLost {
  return new LockLost('The locks were closed; open the cluster again to go on');
}
