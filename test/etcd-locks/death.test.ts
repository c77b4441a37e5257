/**
 * What becomes of the owners of a process that died: waiting ends, and what was begun is finished
 * by one of the others, under a new token.
 */
import { expect, test } from 'vitest';
import type { LockName } from '../../src/model/lock.js';
import { type OwnerId, ownerId } from '../../src/ports/lock-manager.js';
import { type Desk, Office } from './office.js';

const A: LockName = 'node/a';
const B: LockName = 'node/b';

/** A handler that is finished by the test. */
class Finisher {
  readonly called: OwnerId[] = [];
  #end: (() => void)[] = [];

  readonly handler = (owner: OwnerId): Promise<void> => {
    this.called.push(owner);
    return new Promise((resolve) => this.#end.push(resolve));
  };

  finish(): void {
    for (const end of this.#end) end();
    this.#end = [];
  }
}

async function three(office: Office): Promise<[Desk, Desk, Desk]> {
  return [await office.join('m1'), await office.join('m2'), await office.join('m3')];
}

test('a waiter of a dead process is dropped, and those behind it go on', async () => {
  const office = new Office();
  const [one, two, other] = await three(office);
  await one.take('p', [A], 'shared');
  await two.take('dead', [A]);
  const behind = await other.take('q', [A], 'shared');
  expect(behind.state).toBe('waits');
  await two.membership.leave();
  await office.pass();
  expect(behind.state).toBe('granted');
  expect(one.manager.explain().pending).toEqual([]);
  expect(await office.keys()).not.toContain('locks/owner/dead');
});

test('a holder of a dead process stays, until somebody asks for it; one is called', async () => {
  const office = new Office();
  const [one, two, other] = await three(office);
  await one.take('dead', [A]);
  const before = one.manager.fence(ownerId('dead'));
  const waits = await two.take('q', [A]);
  await one.membership.leave();
  await office.pass(3_600_000);
  expect(waits.state).toBe('waits');
  const finishers = [new Finisher(), new Finisher()] as const;
  two.manager.takeOver(finishers[0].handler);
  other.manager.takeOver(finishers[1].handler);
  await office.pass();
  const called = finishers.flatMap((finisher) => finisher.called);
  expect(called).toEqual(['dead']);
  const taker = finishers[0].called.length === 1 ? two : other;
  expect(taker.token('dead')).toBeGreaterThan(before?.token ?? Number.POSITIVE_INFINITY);
  const compare = before === undefined ? [] : [before.compare];
  expect((await office.store.txn(compare, [])).committed).toBe(false);
  expect(waits.state).toBe('waits');
  for (const finisher of finishers) finisher.finish();
  await office.pass();
  expect(waits.state).toBe('granted');
  expect(await office.keys()).toEqual(['locks/fence/q', 'locks/owner/q']);
});

test('a handler that changes what the owner holds is not called again for it', async () => {
  const office = new Office();
  const [one, two] = await three(office);
  await one.take('dead', [A, B]);
  const finisher = new Finisher();
  two.manager.takeOver(finisher.handler);
  await one.membership.leave();
  await office.pass();
  await two.manager.narrow(ownerId('dead'), 'node', ['a']);
  await two.manager.downgrade(ownerId('dead'), [A]);
  await office.pass();
  expect(two.held('dead')).toEqual(['shared node/a']);
  finisher.finish();
  await office.pass();
  expect([finisher.called, await office.keys()]).toEqual([['dead'], []]);
});

test('a holder that also waits loses what it waits for when it is taken over', async () => {
  const office = new Office();
  const [one, two, other] = await three(office);
  await two.take('p', [B], 'shared');
  await one.take('dead', [A]);
  await one.take('dead', [B]);
  const behind = await other.take('q', [B], 'shared');
  expect(behind.state).toBe('waits');
  await one.membership.leave();
  await office.pass();
  expect(behind.state).toBe('granted');
  const finisher = new Finisher();
  other.manager.takeOver(finisher.handler);
  await office.pass();
  expect(other.held('dead')).toEqual(['exclusive node/a']);
});

test('if the one who takes over dies, the next one does', async () => {
  const office = new Office();
  const [one, two, other] = await three(office);
  await one.take('dead', [A]);
  const [first, second] = [new Finisher(), new Finisher()];
  two.manager.takeOver(first.handler);
  await one.membership.leave();
  await office.pass();
  expect(first.called).toEqual(['dead']);
  const token = two.token('dead') ?? Number.POSITIVE_INFINITY;
  other.manager.takeOver(second.handler);
  await office.pass();
  expect(second.called).toEqual([]);
  await two.membership.leave();
  await office.pass();
  expect(second.called).toEqual(['dead']);
  expect(other.token('dead')).toBeGreaterThan(token);
  first.finish();
  await office.pass();
  expect(other.held('dead')).toEqual(['exclusive node/a']);
  second.finish();
  await office.pass();
  expect(await office.keys()).toEqual([]);
});

test('a handler that fails is called again, later and later, and its timer goes with it', async () => {
  const office = new Office();
  const [one, two] = await three(office);
  await one.take('dead', [A]);
  await one.membership.leave();
  const calls: number[] = [];
  const stop = two.manager.takeOver(async () => {
    calls.push(office.clock.monotonic());
    throw new Error('the node does not answer');
  });
  await office.pass();
  stop();
  await office.pass(7000);
  expect(calls).toEqual([0, 1000, 3000, 7000]);
  expect(two.held('dead')).toEqual(['exclusive node/a']);
  await two.membership.leave();
  await office.pass();
  expect(office.clock.timers).toBe(0);
});

test('a member that is not known yet is not taken for dead', async () => {
  const office = new Office();
  const one = await office.join('m1');
  const finisher = new Finisher();
  one.manager.takeOver(finisher.handler);
  const see = one.kv.blind('members/');
  const two = await office.join('m2');
  await two.take('p', [A]);
  await two.take('q', [A]);
  await office.pass(10_000);
  expect(one.manager.explain().pending).toHaveLength(1);
  expect([two.held('p'), finisher.called]).toEqual([['exclusive node/a'], []]);
  const attempt = await one.take('r', [B]);
  expect(attempt.state, 'it does not wait for what it has not heard of').toBe('granted');
  see();
  await office.pass();
  expect([two.held('p'), one.held('r'), finisher.called]).toEqual([
    ['exclusive node/a'],
    ['exclusive node/b'],
    [],
  ]);
});

test('a process that does not know that it died changes nothing more', async () => {
  const office = new Office();
  const [one, two] = await three(office);
  await one.take('p', [A]);
  one.kv.isUp = false;
  const late = one.manager.acquire(ownerId('p'), [{ lock: B, mode: 'exclusive' }]);
  const failed = expect(late).rejects.toMatchObject({ name: 'LockLost' });
  await one.membership.expire();
  await office.pass();
  await failed;
  expect(one.manager.lost.aborted).toBe(true);
  expect((await two.take('q', [B])).state).toBe('granted');
});
