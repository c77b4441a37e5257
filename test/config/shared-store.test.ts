/**
 * Several processes on one store: each has its own memory of the configuration, and what they do
 * must still look as if one after the other had done it.
 */
import { expect, test } from 'vitest';
import { type ClusterConfig, initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { ConfigError } from '../../src/errors.js';
import type { Instance } from '../../src/model/instance.js';
import type { KvCompare, KvOp } from '../../src/ports/kv-store.js';
import { instance, nic, NODE_2, WORLD } from '../../src/testing/contracts/config-world.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

const clock = new ManualClock();

/** A store that takes its time, so that processes get into each other's way. */
class SlowStore extends MemoryKvStore {
  readonly #ids = new SeededIds(Number(process.env['SEED']));

  override async txn(compare: readonly KvCompare[], ops: readonly KvOp[]) {
    for (let turns = this.#ids.integer(12); turns > 0; turns--) await Promise.resolve();
    const result = await super.txn(compare, ops);
    for (let turns = this.#ids.integer(12); turns > 0; turns--) await Promise.resolve();
    return result;
  }
}

async function processes(count: number, follow: boolean, store: MemoryKvStore = new SlowStore()) {
  await initConfig({ store, clock, ...WORLD });
  const open = () => openConfig({ store, clock, ids: new SeededIds(1), follow });
  return { store, open, all: await Promise.all(Array.from({ length: count }, open)) };
}

async function tryAdd(config: ClusterConfig, one: Instance): Promise<boolean> {
  try {
    await config.commit('add', (draft) => draft.add('instance', one));
    return true;
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'not_unique') return false;
    throw error;
  }
}

function names(config: ClusterConfig): string[] {
  return [...config.all('instance')].map(({ name }) => name).sort();
}

for (const follow of [true, false]) {
  const how = follow ? 'that follow each other' : 'that meet by conflicts only';

  test(`given processes ${how}, when they want the same addresses, then each address goes to one`, async () => {
    const { store, open, all } = await processes(3, follow);
    const macs = Array.from({ length: 8 }, (_, n) => `aa:00:00:00:00:0${n}`);

    const won = await Promise.all(
      macs.flatMap((mac, n) =>
        all.map((config, who) => tryAdd(config, instance(`web${n}-${who}`, { nics: [nic(mac)] }))),
      ),
    );

    expect(won.filter(Boolean)).toHaveLength(macs.length);
    const later = await open();
    expect(names(later)).toHaveLength(macs.length);
    for (const config of all) {
      await config.commit('look', (draft) =>
        draft.update('node', NODE_2, (node) => void (node.tags = [...node.tags, 'x'])),
      );
    }
    // A commit that met another one has seen everything; the first of these met none.
    for (const config of all.slice(1)) expect(names(config)).toEqual(names(later));
    await Promise.all(all.map((config) => config.close()));
    expect((await open()).node(NODE_2).tags).toEqual(['x', 'x', 'x']);
    await store.close();
  });

  test(`given processes ${how}, when all of them count on one object, then no count is lost`, async () => {
    const { store, open, all } = await processes(3, follow);
    const count = (config: ClusterConfig): Promise<void> =>
      config.commit('count', (draft) =>
        draft.update('node', NODE_2, (node) => void (node.tags = [...node.tags, 'x'])),
      );

    await Promise.all(all.flatMap((config) => [count(config), count(config), count(config)]));

    expect((await open()).node(NODE_2).tags).toHaveLength(9);
    await Promise.all(all.map((config) => config.close()));
    await store.close();
  });
}

test("given a process that follows, it should see others' commits, removals and all", async () => {
  const { store, all } = await processes(2, true, new MemoryKvStore());
  const [one, two] = all;
  if (one === undefined || two === undefined) throw new Error('two processes were asked for');
  const before = two.snapshot();

  await tryAdd(one, instance('web1', { nics: [nic('aa:00:00:00:00:01')] }));
  await tryAdd(one, instance('web2'));
  await one.commit('remove', (draft) => draft.remove('instance', 'id-of-web1'));
  await two.commit('own', (draft) => draft.updateCluster((cluster) => void (cluster.name = 'c')));
  await one.commit('own', (draft) => draft.updateCluster((cluster) => void (cluster.tags = ['t'])));
  await two.close();

  expect(names(two)).toEqual(['web2']);
  expect(two.holderOf('mac', 'aa:00:00:00:00:01')).toBeUndefined();
  expect(two.cluster).toEqual(one.cluster);
  expect(two.serial).toBe(5);
  expect([before.count('instance'), before.cluster.name]).toEqual([0, 'cluster.example.com']);
  await expect(two.commit('late', () => {})).rejects.toMatchObject({ code: 'closed' });
  await one.close();
  await store.close();
});

test('given a process that has slept for longer than the store remembers, it should read anew', async () => {
  const { store, all, open } = await processes(2, true, new MemoryKvStore({ history: 2 }));
  const [one, two] = all;
  if (one === undefined || two === undefined) throw new Error('two processes were asked for');
  // One transaction after the other, without a turn for the watchers in between.
  const writes = Array.from({ length: 20 }, (_, n) =>
    store.txn([], [{ op: 'put', key: `journal/${n}`, value: '{}' }]),
  );
  const added = tryAdd(one, instance('web1'));
  await Promise.all(writes);
  await added;

  expect(await tryAdd(two, instance('web1'))).toBe(false);

  expect(names(two)).toEqual(names(await open()));
  await Promise.all([one.close(), two.close()]);
  await store.close();
});

test('given a record that cannot be read, following should end and say so', async () => {
  const store = new MemoryKvStore();
  await initConfig({ store, clock, ...WORLD });
  let lost: unknown;
  const config = await openConfig({
    store,
    clock,
    ids: new SeededIds(1),
    follow: true,
    onFollowLost: (error) => {
      lost = error;
    },
  });

  await store.txn([], [{ op: 'put', key: 'config/node/node-x', value: '{"no":"node"}' }]);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();

  expect(lost).toMatchObject({ code: 'corrupt' });
  await config.close();
  await store.close();
});
