/** Claims of operations as other processes see them. */
import { expect, test } from 'vitest';
import { openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { initConfig } from '../../src/config/cluster-config.js';
import { ConfigError } from '../../src/errors.js';
import type { KvCompare, KvOp, KvStore } from '../../src/ports/kv-store.js';
import type { AnyReport } from '../../src/reports.js';
import { instance, nic, NETWORK, WORLD } from '../../src/testing/contracts/config-world.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { create, expectNothingLeft, makeWorld, settle } from './world.js';

const MAC = 'aa:00:00:00:00:01';
const CLAIMED = 'config/claimed/';

async function two(store = new MemoryKvStore()) {
  const clock = new ManualClock();
  await initConfig({ store, clock, ...WORLD });
  const open = (seed: number) =>
    openConfig({ store, clock, ids: new SeededIds(seed), follow: true });
  return { store, one: await open(1), other: await open(2), open };
}

test('given claims that were published, then other processes neither take nor draw the same', async () => {
  const { store, one, other, open } = await two();
  const mine = one.reservations('job-1');
  mine.mac(MAC);
  expect(mine.drawIp(NETWORK)).toBe('198.51.100.2');
  expect(other.holderOf('mac', MAC)).toBeUndefined();

  expect(await mine.publish()).toBeUndefined();
  await other.freshen();

  expect(other.holderOf('mac', MAC)).toBe('job-1');
  const theirs = other.reservations('job-2');
  expect(() => theirs.mac(MAC)).toThrow(/belongs to job-1/);
  expect(theirs.drawIp(NETWORK)).toBe('198.51.100.4');
  const late = await open(3);
  expect(late.holderOf('mac', MAC)).toBe('job-1');
  expect([one, other, late].map((config) => config.claimants())).toEqual([
    ['job-1'],
    ['job-1'],
    ['job-1'],
  ]);
  theirs.release();
  mine.release();
  await one.dropClaims('job-1');
  await other.freshen();
  await late.freshen();
  for (const config of [one, other, late]) expect(config.claimCount).toBe(0);
  expect((await store.range(CLAIMED)).entries).toEqual([]);
});

test('given two operations that have claimed the same, when both publish, then the second is told what was taken', async () => {
  const { one, other } = await two();
  const [mine, theirs] = [one.reservations('job-1'), other.reservations('job-2')];
  for (const claims of [mine, theirs]) {
    claims.mac(MAC);
    claims.name('web1');
  }
  const answers = await Promise.all([mine.publish(), theirs.publish()]);

  expect(answers).toEqual([undefined, `the hardware address '${MAC}' now belongs to job-1`]);
  theirs.release();
  expect(other.holderOf('mac', MAC), 'what others have published stays').toBe('job-1');
});

test('given claims that were published, when they are committed, then nothing of others stands in between', async () => {
  const { store, one, other } = await two();
  const mine = one.reservations('job-1');
  mine.mac(MAC);
  mine.name('web1');
  await mine.publish();
  await other.commit('add', (draft) => draft.add('instance', instance('web2')));
  await other.freshen();
  const guard = (await store.get('config/claims'))?.revision;

  const web1 = { ...instance('web1', { nics: [nic(MAC)] }) };
  const taken = (): Promise<void> =>
    one.commit('add', (draft) => draft.add('instance', web1), { owner: 'job-1' });
  await expect(
    other.commit('add', (draft) => draft.add('instance', web1), { owner: 'job-2' }),
  ).rejects.toMatchObject({ code: 'not_unique' });
  await taken();

  expect(one.holderOf('mac', MAC)).toBe(web1.id);
  await one.dropClaims('job-1');
  await other.freshen();
  expect(other.holderOf('mac', MAC)).toBe(web1.id);
  // Ids of objects are drawn by operations as well; here they were not, so the guard was needed.
  expect((await store.get('config/claims'))?.revision).toBeGreaterThan(guard ?? 0);
});

test('given a process that has slept for longer than the store remembers, then it learns of claims and their end all the same', async () => {
  const { store, one, other } = await two(new MemoryKvStore({ history: 2 }));
  const [gone, kept] = [one.reservations('job-1'), one.reservations('job-2')];
  gone.mac(MAC);
  await gone.publish();
  await other.freshen();
  kept.name('web2');
  // One after the other, without a turn for the watchers in between.
  const published = kept.publish();
  const dropped = one.dropClaims('job-1');
  const noise = Array.from({ length: 20 }, (_, n) =>
    store.txn([], [{ op: 'put', key: `journal/${n}`, value: '{}' }]),
  );
  await Promise.all([published, dropped, ...noise]);
  await other.freshen();

  expect(other.claimants()).toEqual(['job-2']);
  expect(other.holderOf('mac', MAC)).toBeUndefined();
  expect(other.holderOf('name', 'web2')).toBe('job-2');
});

test('given a damaged record of claims, when the configuration is opened, then the key is named', async () => {
  const { store, open } = await two();
  await store.txn(
    [],
    [{ op: 'put', key: `${CLAIMED}job-1`, value: '{"form":1,"values":{"x":[]}}' }],
  );
  await expect(open(3)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining(`${CLAIMED}job-1`) as string,
  });
});

test('given a store that cannot be reached for a while, when it can, then following goes on', async () => {
  const clock = new ManualClock();
  const store = new MemoryKvStore();
  await initConfig({ store, clock, ...WORLD });
  let isCut = true;
  const cut: KvStore = {
    get: (key) => store.get(key),
    range: (prefix) => store.range(prefix),
    txn: (compare, ops) => store.txn(compare, ops),
    close: () => store.close(),
    watch: (prefix, after, signal) => {
      if (isCut) throw new ConfigError('The store cannot be reached', 'io');
      return store.watch(prefix, after, signal);
    },
  };
  let lost: unknown;
  const onFollowLost = (error: unknown): void => {
    lost = error;
  };
  const ids = new SeededIds(1);
  const config = await openConfig({ store: cut, clock, ids, follow: true, onFollowLost });
  const other = await openConfig({ store, clock, ids: new SeededIds(2), follow: true });
  await other.commit('add', (draft) => draft.add('instance', instance('web1')));
  await settle();
  expect(config.count('instance')).toBe(0);

  isCut = false;
  await clock.advance(1000);
  await settle();

  expect(config.count('instance')).toBe(1);
  expect(lost).toBeUndefined();
  await Promise.all([config.close(), other.close()]);
});

/** Before an operation publishes its claims, somebody else publishes the same, so many times. */
function fasterBy(store: MemoryKvStore, times: number): KvStore {
  let left = times;
  return {
    get: (key) => store.get(key),
    range: (prefix) => store.range(prefix),
    watch: (prefix, after, signal) => store.watch(prefix, after, signal),
    close: () => store.close(),
    txn: async (compare: readonly KvCompare[], ops: readonly KvOp[]) => {
      const claims = ops.find(({ op, key }) => op === 'put' && key.startsWith(CLAIMED));
      if (claims?.op === 'put' && left > 0) {
        left -= 1;
        await store.txn(
          [],
          [
            { op: 'put', key: 'config/claims', value: '1' },
            { op: 'put', key: `${CLAIMED}thief-${left}`, value: macOnly(claims.value) },
          ],
        );
      }
      return store.txn(compare, ops);
    },
  };
}

function macOnly(record: string): string {
  const { values } = JSON.parse(record) as { values: { mac: string[] } };
  return JSON.stringify({ form: 1, values: { mac: values.mac } });
}

test('given another process that is faster three times, when an instance is created, then it starts again three times', async () => {
  const world = await makeWorld();
  const one = await world.start({ store: fasterBy(world.store, 3) });
  const events: AnyReport[] = [];

  await create(one, {}, { onReport: (event) => events.push(event) });

  const retries = events.filter((event) => event.type === 'retry');
  expect(retries).toHaveLength(3);
  expect(retries[0]?.reason).toMatch(/the hardware address '.*' now belongs to thief-2/);
});

test('given another process that is always faster, when an instance is created, then it gives up and leaves nothing', async () => {
  const world = await makeWorld();
  const one = await world.start({ store: fasterBy(world.store, 1000) });
  const events: AnyReport[] = [];

  const run = create(one, {}, { onReport: (event) => events.push(event) });

  await expect(run).rejects.toMatchObject({ name: 'ConfigError', code: 'conflict' });
  expect(events.filter((event) => event.type === 'retry')).toHaveLength(16);
  const thieves = (await world.store.range(`${CLAIMED}thief`)).entries;
  await world.store.txn(
    [],
    thieves.map(({ key }) => ({ op: 'delete', key })),
  );
  await expectNothingLeft(world, 'given up');
});
