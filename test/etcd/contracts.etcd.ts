/** The promises of store, journal and configuration, kept on a real cluster of three members. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { openEtcd } from '../../src/etcd/index.js';
import type { EtcdKvStore } from '../../src/etcd/etcd-kv-store.js';
import { systemClock } from '../../src/local/system-clock.js';
import { configStoreContract } from '../../src/testing/contracts/config-store.js';
import { journalContract } from '../../src/testing/contracts/journal.js';
import { kvStoreContract } from '../../src/testing/contracts/kv-store.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';

describe.runIf(HAS_ETCD)('on real etcd', () => {
  let cluster: Cluster;
  let stores = 0;

  beforeAll(async () => {
    cluster = await Cluster.start();
  });
  afterAll(() => cluster.stop());

  const open = (prefix: string): Promise<EtcdKvStore> =>
    openEtcd({ endpoints: cluster.endpoints, clock: systemClock(), prefix });
  const openFresh = (): Promise<EtcdKvStore> => open(`test/${++stores}/`);

  kvStoreContract({
    test,
    keeps: true,
    make: async () => {
      const store = await openFresh();
      const prefix = `test/${stores}/`;
      return { store, reopen: () => open(prefix), dispose: () => store.close() };
    },
  });

  journalContract({
    test,
    make: async () => {
      const store = await openFresh();
      return { store, dispose: () => store.close() };
    },
  });

  configStoreContract({
    test,
    make: async (world) => {
      const store = await openFresh();
      const clock = new ManualClock();
      await initConfig({ store, clock, ...world });
      const reopen = () => openConfig({ store, clock, ids: new SeededIds(1) });
      return { config: await reopen(), clock, reopen, dispose: () => store.close() };
    },
  });
});
