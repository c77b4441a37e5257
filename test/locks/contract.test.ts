/**
 * The lock port's contract, kept by the locks of one process.
 */
import { expect, test } from 'vitest';
import { MemoryLockManager } from '../../src/locks/manager.js';
import { lockManagerContract } from '../../src/testing/contracts/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

lockManagerContract({
  test,
  make: async () => {
    const clock = new ManualClock();
    return {
      manager: new MemoryLockManager({ clock }),
      clock,
      shared: undefined,
      settled: () => clock.advance(0),
      dispose: async () => expect(clock.timers).toBe(0),
    };
  },
});
