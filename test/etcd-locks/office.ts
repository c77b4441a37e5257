/**
 * Processes that share locks on one store in memory, where messages arrive at once.
 */
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import type { LockMode, LockName } from '../../src/model/lock.js';
import { type LockWait, ownerId } from '../../src/ports/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { CountingStore } from './counting-store.js';
import { FakeMembership } from './fake-membership.js';

export interface Attempt {
  state: 'waits' | 'granted' | 'failed';
  error: unknown;
}

export class Office {
  readonly clock = new ManualClock();
  readonly store = new MemoryKvStore();

  async join(name: string, options: { readonly maxTxnOps?: number } = {}): Promise<Desk> {
    const kv = new CountingStore(this.store);
    const membership = await FakeMembership.join(this.store, name);
    const { clock } = this;
    const manager = await SharedLockManager.open({ kv, membership, clock, ...options });
    return new Desk(this, manager, membership, kv);
  }

  /** Lets time pass, and everything that is under way arrive. */
  async pass(ms = 0): Promise<void> {
    await this.clock.advance(ms);
    for (let turn = 0; turn < 20; turn++) await this.clock.advance(0);
  }

  /** What of the table is in the store, but for its version. */
  async keys(): Promise<string[]> {
    const { entries } = await this.store.range('locks/');
    return entries.map(({ key }) => key).filter((key) => key !== 'locks/version');
  }
}

/** One process. */
export class Desk {
  readonly #office: Office;
  readonly manager: SharedLockManager;
  readonly membership: FakeMembership;
  readonly kv: CountingStore;

  constructor(
    office: Office,
    manager: SharedLockManager,
    membership: FakeMembership,
    kv: CountingStore,
  ) {
    this.#office = office;
    this.manager = manager;
    this.membership = membership;
    this.kv = kv;
  }

  /** Asks for locks, and lets the answer arrive. */
  async take(
    owner: string,
    locks: readonly LockName[],
    mode: LockMode = 'exclusive',
    wait: LockWait = {},
  ): Promise<Attempt> {
    const attempt: Attempt = { state: 'waits', error: undefined };
    const requests = locks.map((lock) => ({ lock, mode }));
    const ask = async (): Promise<void> => this.manager.acquire(ownerId(owner), requests, wait);
    ask().then(
      () => (attempt.state = 'granted'),
      (error: unknown) => Object.assign(attempt, { state: 'failed', error }),
    );
    await this.#office.pass();
    return attempt;
  }

  async giveBack(owner: string): Promise<void> {
    void this.manager.release(ownerId(owner), 'all');
    await this.#office.pass();
  }

  held(owner: string): string[] {
    return [...this.manager.held(ownerId(owner))].map(([lock, mode]) => `${mode} ${lock}`);
  }

  token(owner: string): number | undefined {
    return this.manager.fence(ownerId(owner))?.token;
  }
}
