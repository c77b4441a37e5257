/** Room on nodes that operations claim: arithmetic, who is faster, what is remembered. */
import { expect, test } from 'vitest';
import { type ClusterConfig, initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { DiskTemplate } from '../../src/model/disk-template.js';
import { type CapacityClaim, claimedOn } from '../../src/ports/capacity.js';
import type { KvCompare, KvOp } from '../../src/ports/kv-store.js';
import { WORLD } from '../../src/testing/contracts/config-world.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { settle } from '../processes/world.js';

const [A, B] = [nodeIdOf('a'), nodeIdOf('b')];

function claim(changes: Partial<CapacityClaim> = {}): CapacityClaim {
  const room = { memoryMib: 1024, diskMib: 512, vcpus: 2, spindles: 1 };
  return { node: A, storage: 'file', ...room, ...changes };
}

const NOTHING = { memoryMib: 0, diskMib: 0, vcpus: 0, spindles: 0 };

test('what is claimed on a node is the sum of all that is claimed there', () => {
  const claims = [claim(), claim({ memoryMib: 0, vcpus: 0 }), claim({ node: B, diskMib: 9000 })];
  expect(claimedOn(claims, A, 'file')).toEqual({
    memoryMib: 1024,
    diskMib: 1024,
    vcpus: 2,
    spindles: 2,
  });
  expect(claimedOn(claims, nodeIdOf('c'), 'file')).toEqual(NOTHING);
  expect(claimedOn([], A, 'file')).toEqual(NOTHING);
});

test.each<[DiskTemplate, DiskTemplate, { here: number; elsewhere: number }]>([
  ['file', 'file', { here: 512, elsewhere: 0 }],
  ['plain', 'drbd', { here: 512, elsewhere: 0 }],
  ['drbd', 'plain', { here: 512, elsewhere: 0 }],
  ['file', 'plain', { here: 0, elsewhere: 0 }],
  ['plain', 'file', { here: 0, elsewhere: 0 }],
  ['sharedfile', 'sharedfile', { here: 512, elsewhere: 512 }],
  ['gluster', 'gluster', { here: 512, elsewhere: 512 }],
  ['sharedfile', 'gluster', { here: 0, elsewhere: 0 }],
  ['file', 'sharedfile', { here: 0, elsewhere: 0 }],
])('disks of %s count for disks of %s: %o', (claimed, wanted, { here, elsewhere }) => {
  const diskMib = (node: CapacityClaim['node']): number => {
    return claimedOn([claim({ node, storage: claimed })], A, wanted).diskMib;
  };
  expect([diskMib(A), diskMib(B)]).toEqual([here, elsewhere]);
  // Memory is memory, whatever the disks lie on.
  expect(claimedOn([claim({ storage: claimed })], A, wanted).memoryMib).toBe(1024);
});

async function two(store = new MemoryKvStore()): Promise<readonly [ClusterConfig, ClusterConfig]> {
  const clock = new ManualClock();
  await initConfig({ store, clock, ...WORLD });
  const open = (seed: number): Promise<ClusterConfig> =>
    openConfig({ store, clock, ids: new SeededIds(seed), follow: true });
  return [await open(1), await open(2)];
}

/** What others than `x` claim, as a process sees it. */
function seenBy(config: ClusterConfig): readonly CapacityClaim[] {
  return [...config.reservations('x').capacityOfOthers().values()].flat();
}

test('room is taken on nodes where everybody else was seen, and nowhere else', async () => {
  const [config] = await two();
  const [one, other] = [config.reservations('job-1'), config.reservations('job-2')];
  const before = other.capacityOfOthers();
  expect(one.takeCapacity([claim()], one.capacityOfOthers())).toBe(true);

  expect(other.takeCapacity([claim()], before)).toBe(false);
  expect(other.capacity).toEqual([]);
  expect(other.takeCapacity([claim({ node: B })], before)).toBe(true);
  expect(other.takeCapacity([claim()], other.capacityOfOthers())).toBe(true);
  expect(other.capacity).toEqual([claim()]);
});

test('of two processes that claim room on one node, the second learns of it and has what it had', async () => {
  const [mine, theirs] = await two();
  const [one, other] = [mine.reservations('job-1'), theirs.reservations('job-2')];
  other.takeCapacity([claim({ node: B })], other.capacityOfOthers());
  expect(await other.confirmCapacity()).toBe(true);
  await mine.freshen();
  one.takeCapacity([claim()], one.capacityOfOthers());
  other.takeCapacity([claim()], other.capacityOfOthers());

  expect(await Promise.all([one.confirmCapacity(), other.confirmCapacity()])).toEqual([
    true,
    false,
  ]);
  expect(other.capacity).toEqual([claim({ node: B })]);
  expect(seenBy(theirs)).toEqual([claim({ node: B }), claim()]);
  other.takeCapacity([claim()], other.capacityOfOthers());
  expect(await other.confirmCapacity()).toBe(true);
  await mine.freshen();
  expect(seenBy(mine)).toEqual([claim(), claim()]);
});

test('of two operations of one process that take room on one node, the later one does not overtake the earlier', async () => {
  const [config, elsewhere] = await two();
  const [one, other] = [config.reservations('job-1'), config.reservations('job-2')];
  one.takeCapacity([claim()], one.capacityOfOthers());
  other.takeCapacity([claim()], other.capacityOfOthers());

  expect(await Promise.all([one.confirmCapacity(), other.confirmCapacity()])).toEqual([true, true]);
  await elsewhere.freshen();
  expect(seenBy(elsewhere)).toHaveLength(2);
});

test('disks are given back first, all the rest with the guest, and others see it', async () => {
  const [mine, theirs] = await two();
  const one = mine.reservations('job-1');
  one.takeCapacity([claim(), claim({ node: B, memoryMib: 0 })], one.capacityOfOthers());
  await one.confirmCapacity();
  await one.settleCapacity('disks');
  await theirs.freshen();
  const memory = [claim({ diskMib: 0, vcpus: 0, spindles: 0 })];
  expect([seenBy(mine), seenBy(theirs)]).toEqual([memory, memory]);

  await one.settleCapacity('all');
  await theirs.freshen();
  expect([seenBy(mine), seenBy(theirs)]).toEqual([[], []]);
});

test('a memory keeps what was claimed and given back, what became less, and what moved', async () => {
  const [config] = await two();
  const [short, less, moved, own] = ['short', 'less', 'moved', 'own'].map((id) =>
    config.reservations(id),
  );
  if (!short || !less || !moved || !own) throw new Error('There are four');
  less.takeCapacity([claim({ diskMib: 1 })], less.capacityOfOthers());
  moved.takeCapacity([claim({ diskMib: 2 })], moved.capacityOfOthers());
  {
    using memory = own.rememberCapacity();
    short.takeCapacity([claim({ diskMib: 3 })], short.capacityOfOthers());
    short.release();
    await less.settleCapacity('disks');
    moved.takeCapacity([claim({ node: B, diskMib: 4 })], moved.capacityOfOthers());
    own.takeCapacity([claim({ diskMib: 5 })], own.capacityOfOthers());
    own.takeCapacity([claim({ diskMib: 6 })], own.capacityOfOthers());

    const found = memory.all().map(({ node, diskMib }) => `${node} ${diskMib}`);
    expect(found.sort()).toEqual(['node-a 1', 'node-a 2', 'node-a 3', 'node-b 4']);
  }
  using later = own.rememberCapacity();
  expect(later.all().map(({ diskMib }) => diskMib)).toEqual([0, 4]);
});

/** Loses the first transactions that would publish claims to somebody else's. */
class Beaten extends MemoryKvStore {
  times = 0;
  readonly written: (readonly KvOp[])[] = [];

  override async txn(compare: readonly KvCompare[], ops: readonly KvOp[]) {
    const isClaim = ops.some(({ key }) => key.startsWith('config/claimed/'));
    if (isClaim) this.written.push(ops);
    if (isClaim && this.times-- > 0) {
      await super.txn([], [{ op: 'put', key: 'config/claims', value: '1' }]);
    }
    return super.txn(compare, ops);
  }
}

function keysOf(ops: readonly KvOp[] | undefined): string[] {
  return (ops ?? []).flatMap(({ op, key }) =>
    key.startsWith('config/claimed/') ? [`${op} ${key.slice('config/claimed/'.length)}`] : [],
  );
}

test('what waits for the store is written by one transaction, and dropped by one', async () => {
  const store = new Beaten();
  const [config, elsewhere] = await two(store);
  const jobs = Array.from({ length: 40 }, (_, n) => config.reservations(`job-${n}`));
  for (const job of jobs) job.takeCapacity([claim()], job.capacityOfOthers());

  await Promise.all(jobs.map((job) => job.confirmCapacity()));

  expect(store.written.map((ops) => keysOf(ops).length)).toEqual([40]);
  await elsewhere.freshen();
  expect(elsewhere.claimants()).toHaveLength(40);
  for (const job of jobs) job.release();
  await Promise.all(jobs.map((_, n) => config.dropClaims(`job-${n}`)));
  expect(store.written.map((ops) => keysOf(ops).length)).toEqual([40, 40]);
  expect((await store.range('config/claimed/')).entries).toEqual([]);
  await elsewhere.freshen();
  expect([config.claimCount, elsewhere.claimCount]).toEqual([0, 0]);
});

test('a batch is no larger than stores admit, and leaves nobody out', async () => {
  const store = new Beaten();
  const [config, elsewhere] = await two(store);
  const jobs = Array.from({ length: 150 }, (_, n) => config.reservations(`job-${n}`));
  for (const job of jobs) job.takeCapacity([claim()], job.capacityOfOthers());

  expect(new Set(await Promise.all(jobs.map((job) => job.confirmCapacity())))).toEqual(
    new Set([true]),
  );

  for (const ops of store.written) expect(ops.length).toBeLessThanOrEqual(64);
  await elsewhere.freshen();
  expect(elsewhere.claimants()).toHaveLength(150);
});

test('given other processes that were faster with something else, then a batch is written again', async () => {
  const store = new Beaten();
  const [config] = await two(store);
  store.times = 3;
  const [one, other] = [config.reservations('job-1'), config.reservations('job-2')];
  for (const job of [one, other]) job.takeCapacity([claim()], job.capacityOfOthers());

  expect(await Promise.all([one.confirmCapacity(), other.confirmCapacity()])).toEqual([true, true]);
  expect(store.written.map(keysOf)).toEqual(Array(4).fill(['put job-1', 'put job-2']));
});

test.each([0, 1, 2])(
  'given one of three operations (%i) whose locks went to another process, then only that one is refused',
  async (lost) => {
    const store = new Beaten();
    const [config] = await two(store);
    const jobs = await Promise.all(
      [0, 1, 2].map(async (n) => {
        const key = `locks/fence/job-${n}`;
        const { revision } = await store.txn([], [{ op: 'put', key, value: '' }]);
        const job = config.reservations(`job-${n}`);
        job.takeCapacity([claim()], job.capacityOfOthers());
        const proof = { token: revision, compare: { key, revision }, locks: new Map() };
        return { job, key, fence: () => proof };
      }),
    );
    await store.txn([], [{ op: 'put', key: jobs[lost]?.key ?? '', value: 'taken over' }]);

    const results = await Promise.allSettled(
      jobs.map(({ job, fence }) => job.confirmCapacity(fence)),
    );

    expect(
      results.map((result) => {
        return result.status === 'fulfilled' ? result.value : (result.reason as Error).name;
      }),
    ).toEqual([0, 1, 2].map((n) => (n === lost ? 'LockLost' : true)));
    expect(config.claimants()).toEqual(['job-0', 'job-1', 'job-2'].filter((_, n) => n !== lost));
  },
);

test('given an attempt that ends while its claims are written again, then nothing of it is published', async () => {
  const store = new Beaten();
  const [config, elsewhere] = await two(store);
  store.times = 1;
  const one = config.reservations('job-1');
  one.mac('aa:00:00:00:00:01');
  one.takeCapacity([claim()], one.capacityOfOthers());
  const confirmed = one.confirmCapacity();
  const published = one.publish();
  while (store.written.length === 0) await Promise.resolve();

  one.release();
  await config.dropClaims('job-1');
  await Promise.all([confirmed, published]);
  await settle();

  expect((await store.range('config/claimed/')).entries).toEqual([]);
  expect([config.claimCount, elsewhere.claimCount]).toEqual([0, 0]);
});

test('given a process that reads all anew, then what it has taken and not confirmed stays taken', async () => {
  const store = new Beaten({ history: 2 });
  const [config, elsewhere] = await two(store);
  const one = config.reservations('job-1');
  one.takeCapacity([claim()], one.capacityOfOthers());
  await one.confirmCapacity();
  one.takeCapacity([claim({ node: B })], one.capacityOfOthers());
  const noise = Array.from({ length: 20 }, (_, n) =>
    store.txn(
      [],
      [{ op: 'put', key: `config/claimed/other-${n}`, value: '{"form":1,"values":{}}' }],
    ),
  );
  await Promise.all(noise);
  await store.txn([], [{ op: 'put', key: 'config/latest', value: '1' }]);
  await config.freshen();

  expect(config.claimants()).toHaveLength(21);
  expect(one.capacity).toEqual([claim({ node: B })]);
  expect(await one.confirmCapacity()).toBe(true);
  await elsewhere.freshen();
  expect(seenBy(elsewhere)).toEqual([claim({ node: B })]);
});
