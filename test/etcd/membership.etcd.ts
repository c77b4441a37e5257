/** Membership on real etcd: who is silent stops first, and is forgotten afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinEtcd, openEtcd } from '../../src/etcd/index.js';
import type { EtcdKvStore } from '../../src/etcd/etcd-kv-store.js';
import { systemIds } from '../../src/local/random-ids.js';
import { systemClock } from '../../src/local/system-clock.js';
import { MEMBERS_PREFIX } from '../../src/ports/membership.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';
import { poll } from './rig/poll.js';
import { Relay } from './rig/relay.js';

const clock = systemClock();
const ids = systemIds();

describe.runIf(HAS_ETCD)('members', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start();
  });
  afterAll(() => cluster.stop());

  const open = (endpoints = cluster.endpoints): Promise<EtcdKvStore> =>
    openEtcd({ endpoints, clock, prefix: 'members-test/' });

  const names = async (store: EtcdKvStore): Promise<readonly string[]> =>
    (await store.range(MEMBERS_PREFIX)).entries.map(({ key }) => key.slice(MEMBERS_PREFIX.length));

  test('should be there at once, and gone at once after leaving', async () => {
    const store = await open();
    const membership = await joinEtcd({ store, clock, ids });
    expect(await names(store)).toEqual([membership.id]);
    expect(membership.signal.aborted).toBe(false);
    await membership.leave();
    expect(await names(store)).toEqual([]);
    expect(membership.signal.aborted).toBe(true);
    await store.close();
  });

  test('given a process that is cut off, and a member that stands still, should each be judged right', async () => {
    const relays = await Promise.all(cluster.endpoints.map((url) => Relay.to(url)));
    const [far, near] = [await open(relays.map(({ url }) => url)), await open()];
    const lost = await joinEtcd({ store: far, clock, ids, ttlMs: 10_000 });
    const kept = await joinEtcd({ store: near, clock, ids, ttlMs: 10_000 });
    expect([...(await names(near))].sort()).toEqual([lost.id, kept.id].sort());

    const startMs = clock.monotonic();
    let firedMs: number | undefined;
    lost.signal.addEventListener('abort', () => (firedMs = clock.monotonic() - startMs));
    for (const relay of relays) relay.isSilent = true;
    // The connected process is not disturbed by the first member of its list standing still.
    await cluster.members[0]?.pause();
    const gone = await poll(
      'the lost member to go',
      async () => {
        const found = await names(near);
        return !found.includes(lost.id) && { found, atMs: clock.monotonic() - startMs };
      },
      25_000,
    );
    cluster.members[0]?.resume();

    // It knew before anybody else could, though nothing told it.
    expect(firedMs).toBeGreaterThan(3_000);
    expect(firedMs).toBeLessThan(8_100);
    expect(gone.atMs).toBeGreaterThan(firedMs ?? Number.POSITIVE_INFINITY);
    expect(gone.found).toEqual([kept.id]);
    expect(kept.signal.aborted).toBe(false);
    await kept.leave();
    for (const relay of relays) relay.close();
    await Promise.all([far.close(), near.close()]);
  });

  test('given a store that is closed, should end', async () => {
    const store = await open();
    const membership = await joinEtcd({ store, clock, ids, ttlMs: 10_000 });
    await store.close();
    await poll('the end', () => Promise.resolve(membership.signal.aborted));
  });
});
