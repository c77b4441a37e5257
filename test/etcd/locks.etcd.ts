/**
 * The lock port's contract on real etcd, with real memberships: the locks run on a clock that the
 * test drives, the connection and the leases on the system's.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EtcdKvStore } from '../../src/etcd/etcd-kv-store.js';
import { joinEtcd, openEtcd, SharedLockManager } from '../../src/etcd/index.js';
import { systemIds } from '../../src/local/random-ids.js';
import { systemClock } from '../../src/local/system-clock.js';
import { type Membership, MEMBERS_PREFIX } from '../../src/ports/membership.js';
import {
  lockManagerContract,
  type SharedLocksFixture,
} from '../../src/testing/contracts/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';
import { Quiet } from './rig/quiet.js';

interface Process {
  readonly manager: SharedLockManager;
  readonly membership: Membership;
}

type Join = () => Promise<Process>;

describe.runIf(HAS_ETCD)('locks on real etcd', () => {
  let cluster: Cluster;
  let stores = 0;

  beforeAll(async () => {
    cluster = await Cluster.start();
  });
  afterAll(() => cluster.stop());

  lockManagerContract({
    test,
    make: async () => {
      const options = { endpoints: cluster.endpoints, clock: systemClock() };
      const store = await openEtcd({ ...options, prefix: `locks/${++stores}/` });
      const [clock, quiet] = [new ManualClock(), new Quiet()];
      const join: Join = async () => {
        const membership = await joinEtcd({ store, clock: systemClock(), ids: systemIds() });
        const kv = quiet.hear(store);
        return { manager: await SharedLockManager.open({ kv, membership, clock }), membership };
      };
      const own = await join();
      return {
        manager: own.manager,
        clock,
        shared: sharedBy(store, own, join, quiet),
        settled: () => quiet.rest(clock),
        dispose: async () => {
          await own.membership.leave();
          await store.close();
          expect(clock.timers).toBe(0);
        },
      };
    },
  });
});

function sharedBy(
  store: EtcdKvStore,
  { membership }: Process,
  join: Join,
  quiet: Quiet,
): SharedLocksFixture {
  return {
    holds: async (compare) => (await store.txn([compare], [])).committed,
    // Its own deadline is part of the membership's tests; here it goes by itself.
    lose: () => membership.leave(),
    orphan: async (owner, locks) => {
      const other = await join();
      await other.manager.acquire(
        owner,
        locks.map((lock) => ({ lock, mode: 'exclusive' })),
      );
      const fence = other.manager.fence(owner);
      if (fence === undefined) throw new Error(`'${owner}' has no fence`);
      await other.membership.leave();
      await quiet.deleted(`${MEMBERS_PREFIX}${other.membership.id}`);
      return fence;
    },
  };
}
