/**
 * A process with a long way to the store among others that are busy (L8).
 */
import { expect, test } from 'vitest';
import { ownerId } from '../../src/ports/lock-manager.js';
import { type Desk, Office } from './office.js';

/** Takes and gives back until told to stop; answers how often. */
async function beBusy({ manager }: Desk, most: number, isOver: () => boolean): Promise<number> {
  const owner = ownerId('busy');
  let rounds = 0;
  for (; rounds < most && !isOver(); rounds++) {
    await manager.acquire(owner, [{ lock: 'node/fast', mode: 'exclusive' }]);
    await manager.release(owner, 'all');
  }
  return rounds;
}

test('given others that are always faster, when it was too late often, then they wait', async () => {
  const office = new Office();
  const [fast, slow] = [await office.join('m1'), await office.join('m2')];
  slow.kv.wayLength = 300;
  let isGranted = false;
  const asked = slow.manager.acquire(ownerId('p'), [{ lock: 'node/slow', mode: 'exclusive' }]);
  void asked?.then(() => (isGranted = true));
  const rounds = await beBusy(fast, 2000, () => isGranted);
  expect(rounds).toBeGreaterThan(5);
  expect(rounds).toBeLessThan(2000);
  await office.pass();
  expect(await office.keys()).toEqual(['locks/fence/p', 'locks/owner/p']);
  expect(office.clock.timers).toBe(0);
});

test('given a turn that is needed no more, then it is given back', async () => {
  const office = new Office();
  const [one] = [await office.join('m1'), await office.join('m2')];
  await office.store.txn([], [{ op: 'put', key: 'locks/turn/m1', value: '' }]);
  await office.pass();
  expect(await office.keys()).toEqual([]);
  expect(one.kv.counts.txn).toBe(1);
});

test('given one who asked for its turn and does not take it, then others go on', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  two.kv.isUp = false;
  await office.store.txn([], [{ op: 'put', key: 'locks/turn/m2', value: '' }]);
  await office.pass();
  const attempt = await one.take('p', ['node/a']);
  await office.pass(999);
  expect(attempt.state).toBe('waits');
  await office.pass(1);
  expect(attempt.state).toBe('granted');
  expect((await one.take('p', ['node/b'])).state, 'it waits once').toBe('granted');
  await two.membership.leave();
  await office.pass();
  expect(await office.keys()).toEqual(['locks/fence/p', 'locks/owner/p']);
});
