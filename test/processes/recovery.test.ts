/** Who finishes which journal, where several processes share a store. */
import { expect, test } from 'vitest';
import type { Process } from './world.js';
import { create, expectNothingLeft, makeWorld, settle, type World } from './world.js';

/** A creation that hangs in a call to a node, with all that it has made so far. */
async function hangingIn(world: World, process: Process, method: string): Promise<void> {
  world.nodes.faults.add({ method, kind: 'hang' });
  void create(process).catch(() => undefined);
  await settle();
  expect(world.calls.at(-1)).toContain(method);
}

async function killedIn(method: string): Promise<{ world: World; one: Process; two: Process }> {
  const world = await makeWorld();
  const [one, two] = [await world.start(), await world.start()];
  await hangingIn(world, one, method);
  return { world, one, two };
}

/** The locks of all operations of a process are gone, and nobody was told. */
async function forgetLocks(world: World, { locks }: Process): Promise<void> {
  locks.lose();
  for (const [owner, process] of world.service.owners) {
    if (process === locks) await world.service.end(owner);
  }
}

test('given an operation of a living process, when another one recovers, then it is left alone', async () => {
  const { world, two } = await killedIn('installOs');
  const before = (await world.store.range('journal/')).entries;

  expect(await two.cluster.recover()).toEqual({ operations: [], corrupt: [] });

  expect(before).not.toEqual([]);
  expect((await world.store.range('journal/')).entries).toEqual(before);
  expect((await world.store.range('config/claimed/')).entries).toHaveLength(1);
});

test('given an operation whose process is gone, when it is handed over, then it is finished and told', async () => {
  const { world, one, two } = await killedIn('installOs');
  one.locks.lose();

  await world.service.handOver(one.locks, two.locks);

  await expectNothingLeft(world, 'handed over');
  expect(two.takenOver).toMatchObject([{ op: 'OP_INSTANCE_CREATE', leaked: [] }]);
  expect(two.takenOver[0]?.undone).toEqual([
    'instance web1.example.com in the configuration, and its disks',
  ]);
  expect(two.cluster.config.findInstance('web1.example.com')).toBeUndefined();
  expect(await create(two)).toEqual(['node1']);
});

test('given a node that does not answer, when an operation is handed over, then the rest stays in the journal for recovery', async () => {
  const { world, one, two } = await killedIn('installOs');
  one.locks.lose();
  world.nodes.faults.add({ method: 'removeDisk', times: 1, failure: 'unreachable' });

  await world.service.handOver(one.locks, two.locks);

  expect(two.takenOver[0]?.leaked.length).toBeGreaterThan(0);
  expect(world.service.table.explain().locks).toEqual([]);
  expect((await two.cluster.recover()).operations).toMatchObject([{ leaked: [] }]);
  await expectNothingLeft(world, 'recovered');
});

test('given a journal whose owner has no locks any more, when all recover at once, then one finishes it', async () => {
  const { world, one, two } = await killedIn('installOs');
  const three = await world.start();
  await forgetLocks(world, one);

  const reports = await Promise.all([two.cluster.recover(), three.cluster.recover()]);

  const finished = reports.flatMap(({ operations }) => operations);
  expect(finished).toMatchObject([{ op: 'OP_INSTANCE_CREATE', leaked: [] }]);
  await settle();
  await expectNothingLeft(world, 'recovered');
});

test('given a process that dies while it recovers, then another one does it', async () => {
  const { world, one, two } = await killedIn('installOs');
  const three = await world.start();
  await forgetLocks(world, one);
  world.nodes.faults.add({ method: 'removeDisk', kind: 'hang' });
  const recovering = two.cluster.recover().catch((error: unknown) => error);
  await settle();
  expect(world.calls.at(-1)).toContain('removeDisk');

  two.locks.lose();
  await world.service.handOver(two.locks, three.locks);
  await settle();

  expect(await recovering).toMatchObject({ name: 'LockLost' });
  await expectNothingLeft(world, 'recovered by the third');
});

test('given claims whose operation has no locks any more, when a process recovers, then they are dropped', async () => {
  const { world, one, two } = await killedIn('createStorageDir');
  world.nodes.faults.add({ method: 'removeStorageDir', times: 5, failure: 'unreachable' });
  await forgetLocks(world, one);
  expect(two.cluster.config.claimCount).toBeGreaterThan(0);

  await two.cluster.recover();

  expect(two.cluster.config.claimCount).toBe(0);
  expect((await world.store.range('config/claimed/')).entries).toEqual([]);
});

test('given a cluster that is closed, then nothing is handed to it any more', async () => {
  const world = await makeWorld();
  const one = await world.start();
  expect(one.locks.handler).toBeDefined();
  await one.cluster.close();
  expect(one.locks.handler).toBeUndefined();
});
