/**
 * The locks of a replay: the real lock manager, beside an owner who holds what the recording says is
 * busy. That owner stands in the way of opportunistic requests only; whoever asks for a lock by
 * name, or for all of them, gets it.
 */
import type { PlannedLevel } from '../../../src/locks/level.js';
import { MemoryLockManager } from '../../../src/locks/manager.js';
import type { LockLevel, LockMode, LockName } from '../../../src/model/lock.js';
import type { Clock } from '../../../src/ports/clock.js';
import {
  type AvailableWait,
  type LockManager,
  type LockReport,
  type LockRequest,
  type LockUnit,
  type LockWait,
  type OwnerId,
  ownerId,
} from '../../../src/ports/lock-manager.js';

const SOMEBODY = ownerId('somebody else');

/** What a replay wants to know of its locks. */
export interface ReplayLocksOptions {
  readonly clock: Clock;
  /** Nodes whose locks somebody else holds. */
  readonly busyNodes: readonly string[];
  /** Called before locks of a level are asked for. */
  readonly onLevel: (level: string) => Promise<void>;
}

/** The lock manager of a replay. */
export class ReplayLocks implements LockManager {
  readonly #locks: MemoryLockManager;
  readonly #options: ReplayLocksOptions;

  constructor(options: ReplayLocksOptions) {
    this.#options = options;
    this.#locks = new MemoryLockManager({ clock: options.clock });
    const busy = [...options.busyNodes].sort();
    const levels: readonly PlannedLevel[] = ['node', 'node-res'];
    const requests = levels.flatMap((level) =>
      busy.map((name): LockRequest => ({ lock: `${level}/${name}`, mode: 'exclusive' })),
    );
    if (requests.length > 0) void this.#locks.acquire(SOMEBODY, requests);
  }

  async acquire(owner: OwnerId, requests: readonly LockRequest[], wait?: LockWait): Promise<void> {
    await this.#announce(requests.map(({ lock }) => lock));
    this.#yieldTo(requests.map(({ lock }) => lock));
    await this.#locks.acquire(owner, requests, wait);
  }

  async acquireAvailable(
    owner: OwnerId,
    candidates: readonly LockUnit[],
    mode: LockMode,
    wait: AvailableWait,
  ): Promise<readonly LockUnit[]> {
    await this.#announce(candidates.flat());
    return await this.#locks.acquireAvailable(owner, candidates, mode, wait);
  }

  release(owner: OwnerId, locks: Iterable<LockName> | 'all'): undefined {
    return this.#locks.release(owner, locks);
  }

  narrow(owner: OwnerId, level: LockLevel, names: Iterable<string>): undefined {
    return this.#locks.narrow(owner, level, names);
  }

  downgrade(owner: OwnerId, locks: Iterable<LockName>): undefined {
    return this.#locks.downgrade(owner, locks);
  }

  held(owner: OwnerId): ReadonlyMap<LockName, LockMode> {
    return this.#locks.held(owner);
  }

  explain(): LockReport {
    return this.#locks.explain();
  }

  readonly lost = undefined;

  fence(): undefined {
    return undefined;
  }

  renew(): Promise<void> {
    return Promise.resolve();
  }

  takeOver(): () => void {
    return () => undefined;
  }

  async #announce(locks: readonly LockName[]): Promise<void> {
    const levels = new Set(locks.map((lock) => lock.slice(0, lock.indexOf('/'))));
    for (const level of levels) await this.#options.onLevel(level);
  }

  #yieldTo(locks: readonly LockName[]): void {
    const wanted = new Set(locks);
    const all = new Set(locks.filter((lock) => lock.endsWith('/[lockset]')));
    const isWanted = (lock: LockName): boolean =>
      wanted.has(lock) ||
      [...all].some((set) => lock.startsWith(set.slice(0, -'[lockset]'.length)));
    this.#locks.release(SOMEBODY, [...this.#locks.held(SOMEBODY).keys()].filter(isWanted));
  }
}
