/**
 * A process that loses its locks stops where it is, and another one finishes its work: at each
 * event of a creation in turn, whether it knows that its time is up or not.
 */
import { expect, test } from 'vitest';
import { isLockLost } from '../../src/errors.js';
import { eachCall } from '../../src/fenced/node-calls.js';
import type { AnyReport } from '../../src/reports.js';
import { create, expectNothingLeft, makeWorld, settle, type World } from './world.js';

const OP = { disks: [{ size: 64 }, { size: 32 }], start: true };

/** The events of a creation that succeeds. */
async function eventsOf(): Promise<readonly AnyReport[]> {
  const world = await makeWorld();
  const events: AnyReport[] = [];
  await create(await world.start(), OP, { onReport: (event) => events.push(event) });
  return events;
}

/** Calls `then` at the nth event. */
function at(nth: number, then: () => void): (event: AnyReport) => void {
  let seen = 0;
  return () => {
    seen += 1;
    if (seen === nth) then();
  };
}

async function revisionOf({ store }: World): Promise<number> {
  return (await store.range('config/format')).revision;
}

test('given a process whose time is up at any event, when it stops, then it does nothing more, and another one takes all back', async () => {
  const events = await eventsOf();
  let stopped = 0;
  for (let nth = 1; nth <= events.length; nth++) {
    const about = `event ${nth}: ${JSON.stringify(events[nth - 1])}`;
    const world = await makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    const calls: number[] = [];
    let revision: Promise<number> | undefined;
    const warnings: string[] = [];
    const onEvent = at(nth, () => {
      one.locks.lose();
      calls.push(world.calls.length);
      revision = revisionOf(world);
    });
    const outcome: unknown = await create(one, OP, {
      onReport: (event) => {
        onEvent(event);
        if (event.type === 'warning') warnings.push(event.message);
      },
    }).catch((error: unknown) => error);

    expect([world.calls.length], about).toEqual(calls);
    expect(await revisionOf(world), about).toBe(await revision);
    if (isLockLost(outcome)) {
      stopped += 1;
      expect(outcome.message, about).toMatch(
        /^OP_INSTANCE_CREATE has stopped, and has taken nothing/,
      );
      expect(warnings, about).toContain(outcome.message);
      await world.service.handOver(one.locks, two.locks);
      await settle();
      await expectNothingLeft(world, about);
      expect(two.cluster.config.claimCount, about).toBe(0);
    } else {
      // Its work was done and durable before.
      await settle();
      expect(two.cluster.config.findInstance('web1.example.com'), about).toBeDefined();
      if (!Array.isArray(outcome)) expect(outcome, about).toMatchObject({ kind: 'result' });
    }
    await expect(create(one, OP), about).rejects.toMatchObject({ name: 'LockLost' });
    await expect(one.cluster.recover(), about).rejects.toMatchObject({ name: 'LockLost' });
  }
  expect(stopped).toBeGreaterThan(events.length - 12);
});

/** A process goes on although its work was taken over; how often that was in time to matter. */
async function takenOverAtEach(): Promise<number> {
  const events = await eventsOf();
  let lost = 0;
  for (let nth = 1; nth <= events.length; nth++) {
    const about = `event ${nth}: ${JSON.stringify(events[nth - 1])}`;
    const world = await makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    let taking: Promise<void> | undefined;
    const outcome: unknown = await create(one, OP, {
      onReport: at(nth, () => {
        taking = world.service.handOver(one.locks, two.locks);
      }),
    }).catch((error: unknown) => error);
    await taking;
    await settle();
    const isMade = two.cluster.config.findInstance('web1.example.com') !== undefined;
    if (Array.isArray(outcome) || (outcome as { kind: string }).kind === 'result') {
      expect(isMade, about).toBe(true);
      continue;
    }
    expect(outcome, about).toMatchObject({ name: 'LockLost' });
    lost += 1;
    await expectNothingLeft(world, about);
  }
  return lost;
}

test('given a process that does not know that it was taken over, when it goes on, then it can do no harm', async () => {
  expect(await takenOverAtEach()).toBeGreaterThan(10);
});

/**
 * The nth command of a creation is late: it arrives when the creation was taken over, and undone.
 * What is left in the end; `undefined` if there are fewer commands.
 */
async function lateCommand(nth: number, fencing: boolean): Promise<readonly string[] | undefined> {
  const world = await makeWorld({ fencing });
  let seen = 0;
  let arrive: (() => void) | undefined;
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  const rpc = eachCall(world.nodes, (method, _name, kind) => async (target, about, call) => {
    if (kind === 'command' && ++seen === nth) await arrival;
    return method(target, about, call);
  });
  const [one, two] = [await world.start({ rpc }), await world.start()];
  const run = create(one, OP).catch((error: unknown) => error);
  await settle();
  if (seen < nth) return undefined;
  await world.service.handOver(one.locks, two.locks);
  arrive?.();
  expect(await run, `command ${nth}`).toMatchObject({ name: 'LockLost' });
  await settle();
  return world.nodes.leftovers();
}

test('given a command that arrives too late, then the node refuses it; without fences it would not', async () => {
  const harm: number[] = [];
  let nth = 1;
  for (; ; nth++) {
    const left = await lateCommand(nth, true);
    if (left === undefined) break;
    expect(left, `command ${nth}`).toEqual([]);
    if ((await lateCommand(nth, false))?.length !== 0) harm.push(nth);
  }
  expect(nth).toBeGreaterThan(5);
  expect(harm.length).toBeGreaterThan(2);
});
