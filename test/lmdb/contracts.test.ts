/**
 * Configuration and journal keep their promises on lmdb.
 */
import { test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { openLmdb } from '../../src/lmdb/index.js';
import { configStoreContract } from '../../src/testing/contracts/config-store.js';
import { journalContract } from '../../src/testing/contracts/journal.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { tempPath } from './temp-store.js';

configStoreContract({
  test,
  make: async (world) => {
    const store = await openLmdb({ path: tempPath() });
    const clock = new ManualClock();
    await initConfig({ store, clock, ...world });
    const open = () => openConfig({ store, clock, ids: new SeededIds(1) });
    return { config: await open(), clock, reopen: open, dispose: () => store.close() };
  },
});

journalContract({
  test,
  make: async () => {
    const store = await openLmdb({ path: tempPath() });
    return { store, dispose: () => store.close() };
  },
});
