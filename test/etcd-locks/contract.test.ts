/**
 * The lock port's contract, kept by the locks that processes share, as seen by one of them.
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import { lockManagerContract } from '../../src/testing/contracts/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { FakeMembership } from './fake-membership.js';

lockManagerContract({
  test,
  make: async () => {
    const clock = new ManualClock();
    const kv = new MemoryKvStore();
    const membership = await FakeMembership.join(kv, 'm1');
    const manager = await SharedLockManager.open({ kv, membership, clock });
    return {
      manager,
      clock,
      settled: async () => {
        for (let turn = 0; turn < 5; turn++) await clock.advance(0);
      },
      dispose: async () => {
        await manager.close();
        expect(clock.timers).toBe(0);
        await kv.close();
      },
    };
  },
});
