/**
 * More waiters than fit into a transaction: they are let go in several ones, and if the process
 * that does it dies between two of them, another one goes on.
 */
import { expect, test } from 'vitest';
import type { LockName } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { type Attempt, type Desk, Office } from './office.js';

const A: LockName = 'node/a';

async function crowd(desk: Desk, count: number): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (let each = 0; each < count; each++) {
    attempts.push(await desk.take(`${desk.membership.id}-${each}`, [A, 'node/b'], 'shared'));
  }
  return attempts;
}

test('given hundreds who share, when all may go, then no transaction is too large', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  const attempts = [...(await crowd(one, 60)), ...(await crowd(two, 90))];
  expect(new Set(attempts.map(({ state }) => state))).toEqual(new Set(['waits']));
  one.kv.sizes.length = 0;
  await one.giveBack('p');
  await office.pass();
  expect(new Set(attempts.map(({ state }) => state))).toEqual(new Set(['granted']));
  const sizes = [...one.kv.sizes, ...two.kv.sizes];
  expect(Math.max(...sizes)).toBeLessThanOrEqual(128);
  expect(one.kv.sizes.length + two.kv.sizes.length).toBeGreaterThan(3);
});

test('given one who dies among them, when others see it, then they let the rest go', async () => {
  const office = new Office();
  const [one, two] = [
    await office.join('m1', { maxTxnOps: 16 }),
    await office.join('m2', { maxTxnOps: 16 }),
  ];
  await one.take('p', [A]);
  const attempts = await crowd(two, 12);
  one.kv.losing = 1;
  void one.manager.release(ownerId('p'), 'all');
  two.kv.isUp = false;
  await office.pass();
  const before = attempts.filter(({ state }) => state === 'granted').length;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(12);
  await one.membership.leave();
  const three = await office.join('m3', { maxTxnOps: 16 });
  await office.pass();
  expect(attempts.every(({ state }) => state === 'granted')).toBe(true);
  expect(Math.max(...three.kv.sizes)).toBeLessThanOrEqual(16);
});

test('given many words at once, then they go in as few transactions as they fit into', async () => {
  const office = new Office();
  const one = await office.join('m1');
  const asked = Array.from({ length: 200 }, (_, at) => one.take(`o${at}`, [`node/n${at}`]));
  const attempts = await Promise.all(asked);
  expect(attempts.every(({ state }) => state === 'granted')).toBe(true);
  expect(Math.max(...one.kv.sizes)).toBeLessThanOrEqual(128);
});
