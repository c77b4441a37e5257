/**
 * What shared locks cost: transactions of the store are counted, and nothing else is asked of it.
 */
import { expect, test } from 'vitest';
import type { LockName } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { type Desk, Office } from './office.js';

const A: LockName = 'node/a';

function reset({ kv }: Desk): void {
  Object.assign(kv.counts, { txn: 0, get: 0, range: 0 });
}

test('a free lock costs one transaction to take and one to give back', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  await office.join('m2');
  reset(desk);
  expect((await desk.take('p', [A])).state).toBe('granted');
  expect(desk.kv.counts).toEqual({ txn: 1, get: 0, range: 0 });
  await desk.giveBack('p');
  expect(desk.kv.counts).toEqual({ txn: 2, get: 0, range: 0 });
  expect(await office.keys()).toEqual([]);
});

test('many free locks cost no more than one', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  reset(desk);
  const many = Array.from({ length: 500 }, (_, at): LockName => `node/n${at}`);
  expect((await desk.take('p', many)).state).toBe('granted');
  expect(desk.held('p')).toHaveLength(500);
  await desk.giveBack('p');
  expect(desk.kv.counts).toEqual({ txn: 2, get: 0, range: 0 });
  expect(Math.max(...desk.kv.sizes)).toBe(3);
});

test('what is asked for in the same turn goes in one transaction', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  reset(desk);
  const asked = Array.from({ length: 20 }, (_, at) => desk.take(`o${at}`, [`node/n${at}`]));
  const attempts = await Promise.all(asked);
  expect(new Set(attempts.map(({ state }) => state))).toEqual(new Set(['granted']));
  expect(desk.kv.counts.txn).toBe(1);
});

test('what is held already, or not held at all, costs nothing', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  await desk.take('p', [A, 'node/b']);
  reset(desk);
  expect(desk.manager.acquire(ownerId('p'), [{ lock: A, mode: 'shared' }])).toBe(undefined);
  expect(desk.manager.release(ownerId('p'), ['node/other'])).toBe(undefined);
  expect(desk.manager.release(ownerId('q'), 'all')).toBe(undefined);
  expect(desk.manager.narrow(ownerId('p'), 'node', ['a', 'b'])).toBe(undefined);
  expect(desk.manager.downgrade(ownerId('p'), ['node/other'])).toBe(undefined);
  await office.pass();
  expect(desk.kv.counts.txn).toBe(0);
});

test('the transaction that gives back grants, also to another process', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  const waits = await two.take('q', [A]);
  expect(waits.state).toBe('waits');
  reset(one);
  reset(two);
  await one.giveBack('p');
  expect(waits.state).toBe('granted');
  expect(two.held('q')).toEqual(['exclusive node/a']);
  expect(one.kv.counts).toEqual({ txn: 1, get: 0, range: 0 });
  expect(two.kv.counts).toEqual({ txn: 0, get: 0, range: 0 });
});

test('who waits asks the store for nothing, however long', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  await two.take('q', [A]);
  reset(one);
  reset(two);
  await office.pass(3_600_000);
  expect(office.clock.timers).toBe(0);
  expect([one.kv.counts.txn, two.kv.counts.txn, two.kv.counts.get]).toEqual([0, 0, 0]);
});
