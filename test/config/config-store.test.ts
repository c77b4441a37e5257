/**
 * The configuration keeps the port's contract on a store in memory, alone on it or not.
 */
import { test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { configStoreContract } from '../../src/testing/contracts/config-store.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

for (const follow of [false, true]) {
  configStoreContract({
    test: (name, body) => test(follow ? `followed ${name}` : name, body),
    make: async (world) => {
      const store = new MemoryKvStore();
      const clock = new ManualClock();
      await initConfig({ store, clock, ...world });
      const open = () => openConfig({ store, clock, ids: new SeededIds(1), follow });
      return { config: await open(), clock, reopen: open, dispose: () => store.close() };
    },
  });
}
