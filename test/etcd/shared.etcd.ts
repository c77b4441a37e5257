/** All that processes share, opened and given back in one call each. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEtcd, openSharedEtcd } from '../../src/etcd/index.js';
import { systemIds } from '../../src/local/random-ids.js';
import { systemClock } from '../../src/local/system-clock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import type { SharedStore } from '../../src/ports/shared-store.js';
import { makeNodes, runProgram } from '../processes/one-program.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';
import { poll } from './rig/poll.js';

const [clock, ids] = [systemClock(), systemIds()];

describe.runIf(HAS_ETCD)('all that is shared on etcd', () => {
  let cluster: Cluster;
  let prefixes = 0;

  beforeAll(async () => {
    cluster = await Cluster.start();
  });
  afterAll(() => cluster.stop());

  const open = (prefix: string): Promise<SharedStore> =>
    openSharedEtcd({ endpoints: cluster.endpoints, prefix, clock, ids });
  const fresh = (): string => `shared/${++prefixes}/`;
  /** What lies under a prefix, as somebody sees it who takes no part. */
  const keysIn = async (prefix: string): Promise<readonly string[]> => {
    const store = await openEtcd({ endpoints: cluster.endpoints, prefix, clock });
    const { entries } = await store.range('');
    await store.close();
    return entries.map(({ key }) => key);
  };

  test('given the program of one process, should run the same in two of them', async () => {
    const [prefix, nodes] = [fresh(), makeNodes()];
    await runProgram(await open(prefix), nodes, 'web0.example.com');
    const seen = await Promise.all(
      ['web1.example.com', 'web2.example.com'].map(async (name) =>
        runProgram(await open(prefix), nodes, name),
      ),
    );
    const later = await runProgram(await open(prefix), nodes, 'web3.example.com');

    expect(later).toEqual([0, 1, 2, 3].map((n) => `web${n}.example.com`));
    expect(seen.map(([first]) => first)).toEqual(['web0.example.com', 'web0.example.com']);
    const left = (await keysIn(prefix)).filter((key) => !key.startsWith('config/'));
    expect(left).toEqual(['locks/version']);
  });

  test('given locks that were given back a moment ago, when it is closed, should leave none of them', async () => {
    const prefix = fresh();
    const store = await open(prefix);
    const owner = ownerId('p');
    await store.locks.acquire(owner, [{ lock: 'node/a', mode: 'exclusive' }]);
    void store.locks.release(owner, 'all');
    await store.close();
    await store.close();

    expect(store.locks.lost?.aborted).toBe(true);
    expect(store.membership.signal.aborted).toBe(true);
    expect(await keysIn(prefix)).toEqual(['locks/version']);
    await expect(store.get('x')).rejects.toMatchObject({ code: 'closed' });
  });

  test('given options that only a later step refuses, should leave nothing of the earlier ones', async () => {
    const prefix = fresh();
    const options = { endpoints: cluster.endpoints, prefix, clock, ids };
    await expect(openSharedEtcd({ ...options, ttlMs: 5_000 })).rejects.toThrow(/ttlMs/);
    await expect(openSharedEtcd({ ...options, maxTxnOps: 1 })).rejects.toThrow(/maxTxnOps/);

    await poll('nobody to be a member', async () => (await keysIn(prefix)).length === 0, 2_000);
  });
});
