/**
 * The lock port's contract, kept by the locks that processes share, as seen by one of them.
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { LockManager } from '../../src/ports/lock-manager.js';
import {
  lockManagerContract,
  type SharedLocksFixture,
} from '../../src/testing/contracts/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { FakeMembership } from './fake-membership.js';

interface Process {
  readonly manager: LockManager;
  readonly membership: FakeMembership;
}

function sharedBy(
  kv: KvStore,
  { membership }: Process,
  join: (id: string) => Promise<Process>,
): SharedLocksFixture {
  return {
    holds: async (compare) => (await kv.txn([compare], [])).committed,
    lose: async () => membership.stop(),
    orphan: async (owner, locks) => {
      const other = await join(`of-${owner}`);
      const requests = locks.map((lock) => ({ lock, mode: 'exclusive' as const }));
      await other.manager.acquire(owner, requests);
      const fence = other.manager.fence(owner);
      await other.membership.leave();
      if (fence === undefined) throw new Error(`'${owner}' has no fence`);
      return fence;
    },
  };
}

lockManagerContract({
  test,
  make: async () => {
    const clock = new ManualClock();
    const kv = new MemoryKvStore();
    const join = async (id: string): Promise<Process> => {
      const membership = await FakeMembership.join(kv, id);
      return { manager: await SharedLockManager.open({ kv, membership, clock }), membership };
    };
    const own = await join('own');
    return {
      manager: own.manager,
      clock,
      shared: sharedBy(kv, own, join),
      settled: async () => {
        for (let turn = 0; turn < 5; turn++) await clock.advance(0);
      },
      dispose: async () => {
        await own.membership.leave();
        expect(clock.timers).toBe(0);
        await kv.close();
      },
    };
  },
});
