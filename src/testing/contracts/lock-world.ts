/**
 * What the contract of the locks is told with: owners who ask, and what became of it.
 */
import type { LockBlocker } from '../../errors.js';
import type { LockMode, LockName } from '../../model/lock.js';
import type { LockFence } from '../../ports/fence.js';
import type { KvCompare } from '../../ports/kv-store.js';
import {
  type AvailableWait,
  type LockManager,
  type LockUnit,
  type LockWait,
  type OwnerId,
  ownerId,
} from '../../ports/lock-manager.js';
import type { ManualClock } from '../manual-clock.js';

/**
 * What a test can do to locks that several processes share.
 * @public
 */
export interface SharedLocksFixture {
  /** Whether a condition holds in the store of the locks now. */
  holds(compare: KvCompare): Promise<boolean>;
  /** Takes this process's right to its locks away, as if its time had run out. */
  lose(): Promise<void>;
  /**
   * Leaves an owner behind that holds these locks exclusively and whose process is gone; answers
   * with the fence that it had.
   */
  orphan(owner: OwnerId, locks: readonly LockName[]): Promise<LockFence>;
}

/**
 * A lock manager to be tried, fresh for each test.
 * @public
 */
export interface LockManagerFixture {
  /** The manager, with nothing held. Half an hour of waiting outweighs a step of priority. */
  readonly manager: LockManager;
  /** The clock that the manager runs on. */
  readonly clock: ManualClock;
  /** Set if several processes share the locks; `undefined` if they live and die with one. */
  readonly shared: SharedLocksFixture | undefined;
  /** Resolves when all that the manager was told has had its effect. */
  settled(): Promise<void>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** A request, and what has become of it. */
export interface Attempt {
  state: 'waits' | 'granted' | 'failed';
  /** Why it failed. */
  error: unknown;
  /** What an opportunistic request was granted. */
  units: readonly LockUnit[];
  /** Who was in the way when the waiting began; `undefined` if it did not wait. */
  blockers: readonly LockBlocker[] | undefined;
}

/** A single promise. */
export type Check = (world: LockWorld) => Promise<void>;

/** Owners, by short names, in front of one manager. */
export class LockWorld {
  readonly manager: LockManager;
  readonly clock: ManualClock;
  readonly shared: SharedLocksFixture | undefined;
  readonly #settled: () => Promise<void>;

  constructor(fixture: LockManagerFixture) {
    this.manager = fixture.manager;
    this.clock = fixture.clock;
    this.shared = fixture.shared;
    this.#settled = () => fixture.settled();
  }

  /** Asks for all these locks, and lets the answer come in. */
  async take(
    owner: string,
    mode: LockMode,
    locks: readonly LockName[],
    wait: LockWait = {},
  ): Promise<Attempt> {
    const requests = locks.map((lock) => ({ lock, mode }));
    return this.#follow(async (onBlocked) => {
      await this.manager.acquire(ownerId(owner), requests, { ...wait, onBlocked });
      return [];
    });
  }

  /** Asks for what is free of the candidates. */
  async choose(
    owner: string,
    mode: LockMode,
    units: readonly LockUnit[],
    wait: AvailableWait,
  ): Promise<Attempt> {
    return this.#follow(async (onBlocked) =>
      this.manager.acquireAvailable(ownerId(owner), units, mode, { ...wait, onBlocked }),
    );
  }

  /** Gives locks back. */
  async giveBack(owner: string, locks: readonly LockName[] | 'all' = 'all'): Promise<void> {
    await this.manager.release(ownerId(owner), locks);
    await this.#settled();
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.#settled();
  }

  /** An owner's locks, as `mode lock`. */
  held(owner: string): string[] {
    return [...this.manager.held(ownerId(owner))].map(([lock, mode]) => `${mode} ${lock}`);
  }

  /** The names of those who wait. */
  async waiting(): Promise<OwnerId[]> {
    const { pending } = await this.manager.explain();
    return pending.map(({ owner }) => owner);
  }

  async #follow(
    request: (onBlocked: NonNullable<LockWait['onBlocked']>) => Promise<readonly LockUnit[]>,
  ): Promise<Attempt> {
    const attempt: Attempt = { state: 'waits', error: undefined, units: [], blockers: undefined };
    const told = request((blockers) => void (attempt.blockers = blockers));
    told.then(
      (units) => Object.assign(attempt, { state: 'granted', units }),
      (error: unknown) => Object.assign(attempt, { state: 'failed', error }),
    );
    await this.#settled();
    return attempt;
  }
}
