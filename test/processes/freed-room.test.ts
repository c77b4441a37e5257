/**
 * Room that was claimed is free again whatever becomes of the operation: at each of its events and
 * calls in turn it fails, is given up, dies and is taken over, dies and is recovered.
 */
import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateResult } from '../../src/instance-create/types.js';
import type { AnyReport } from '../../src/reports.js';
import type { RunOptions } from '../../src/processor.js';
import { placedRequest } from '../instance-create/support.js';
import { expectNothingLeft, makeWorld, type Process, settle, type World } from './world.js';

function place({ cluster }: Process, options: RunOptions = {}): Promise<CreateResult> {
  return cluster.run(new LUInstanceCreate(), placedRequest(), options);
}

/** What happens in a creation that succeeds. */
async function succeeding(): Promise<{ events: readonly AnyReport[]; calls: readonly string[] }> {
  const world = await makeWorld();
  const events: AnyReport[] = [];
  await place(await world.start(), { onReport: (event) => events.push(event) });
  return { events, calls: world.calls };
}

interface Pair {
  readonly world: World;
  readonly one: Process;
  readonly two: Process;
}

async function pair(): Promise<Pair> {
  const world = await makeWorld();
  return { world, one: await world.start(), two: await world.start() };
}

/** Room that others than `x` claim, as the process sees it, and whether others can read any. */
function claimsIn({ cluster }: Process): number {
  return cluster.config.reservations('x').capacityOfOthers().size;
}

async function expectAllFree({ world, one, two }: Pair, about: string): Promise<void> {
  await settle();
  expect([claimsIn(one), claimsIn(two)], about).toEqual([0, 0]);
  expect((await world.store.range('config/claimed/')).entries, about).toEqual([]);
  expect(world.service.table.explain(), about).toEqual({ locks: [], pending: [] });
}

test('given each call to a node in turn failing, when an instance is placed, then its room is free again', async () => {
  const { calls } = await succeeding();
  let failures = 0;
  for (let nth = 1; nth <= calls.length; nth++) {
    for (const kind of ['before', 'after'] as const) {
      const all = await pair();
      all.world.nodes.faults.add({ nth, kind });
      const outcome: unknown = await place(all.one).catch((error: unknown) => error);
      if (!Array.isArray(outcome)) failures++;
      if (!Array.isArray(outcome)) expect(LuError.is(outcome)).toBe(true);
      await expectAllFree(all, `call ${nth}: ${calls[nth - 1]}`);
    }
  }
  expect(failures).toBeGreaterThan(calls.length / 2);
});

test('given each event in turn, when the caller gives up there, then its room is free again', async () => {
  const { events } = await succeeding();
  let claimed = 0;
  for (let nth = 1; nth <= events.length; nth++) {
    const all = await pair();
    const giveUp = new AbortController();
    let seen = 0;
    const onReport = (): void => {
      if (++seen !== nth) return;
      claimed += claimsIn(all.one);
      giveUp.abort();
    };
    await place(all.one, { signal: giveUp.signal, onReport }).catch(() => undefined);
    await expectAllFree(all, `event ${nth}: ${JSON.stringify(events[nth - 1])}`);
  }
  expect(claimed).toBeGreaterThan(events.length / 2);
});

test('given each event in turn, when the process dies there and is taken over, then its room is free again', async () => {
  const { events } = await succeeding();
  let published = 0;
  for (let nth = 1; nth <= events.length; nth++) {
    const about = `event ${nth}: ${JSON.stringify(events[nth - 1])}`;
    const all = await pair();
    const { world, one, two } = all;
    let seen = 0;
    const onReport = (): void => {
      if (++seen === nth) one.locks.lose();
    };
    await place(one, { onReport }).catch(() => undefined);
    await settle();
    published += claimsIn(two);

    await world.service.handOver(one.locks, two.locks);

    await settle();
    expect(claimsIn(two), about).toBe(0);
    expect((await world.store.range('config/claimed/')).entries, about).toEqual([]);
    if (two.cluster.config.findInstance('web1.example.com') === undefined) {
      await expectNothingLeft(world, about);
      expect(await place(two), about).toHaveLength(1);
    }
  }
  expect(published).toBeGreaterThan(events.length / 3);
});

test.each(['createDisk', 'installOs'])(
  'given a process that died in %s and whose locks are gone, when another one recovers, then its room is free again',
  async (method) => {
    const { world, one, two } = await pair();
    world.nodes.faults.add({ method, kind: 'hang' });
    void place(one).catch(() => undefined);
    await settle();
    expect([world.calls.at(-1)?.includes(method), claimsIn(two)]).toEqual([true, 1]);
    one.locks.lose();
    for (const [owner, process] of world.service.owners) {
      if (process === one.locks) await world.service.end(owner);
    }

    await two.cluster.recover();

    await settle();
    expect(claimsIn(two)).toBe(0);
    expect((await world.store.range('config/claimed/')).entries).toEqual([]);
    await expectNothingLeft(world, method);
  },
);

test('given a process alone that was killed, when the next one opens the store, then no room is claimed', async () => {
  const world = await makeWorld();
  const one = await world.start({ alone: true });
  world.nodes.faults.add({ method: 'installOs', kind: 'hang' });
  void place(one).catch(() => undefined);
  await settle();
  expect(claimsIn(one)).toBe(1);

  const next = await world.start({ alone: true });
  expect(claimsIn(next)).toBe(0);
  await next.cluster.recover();

  expect(world.nodes.leftovers()).toEqual([]);
  expect(await place(next)).toEqual(['node1']);
});
