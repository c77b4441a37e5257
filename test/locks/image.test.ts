/**
 * A queue written down owner by owner and put together again goes on as if nothing had happened,
 * and one that may move few waiters at a time gets as far as one that may move all.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enterImage, hasMoved, imageOf, type OwnerImage } from '../../src/locks/image.js';
import { LockQueue } from '../../src/locks/queue.js';
import type { LockName } from '../../src/model/lock.js';
import { type OwnerId, ownerId } from '../../src/ports/lock-manager.js';
import { AGING_MS, history, NaiveWorld, OWNERS, RealWorld, type Step } from './random-world.js';

const RUNS = 1000;

function imagesOf(queue: LockQueue): [OwnerId, OwnerImage][] {
  return OWNERS.map((name) => [ownerId(name), imageOf(queue, ownerId(name))]);
}

/** The same world with another queue: every owner is put back from JSON text. */
function rebuilt(world: RealWorld): RealWorld {
  const copy = new RealWorld();
  copy.nowMs = world.nowMs;
  copy.chosen.push(...world.chosen);
  for (const [owner, image] of imagesOf(world.queue)) {
    enterImage(copy.queue, owner, JSON.parse(JSON.stringify(image)) as OwnerImage);
  }
  return copy;
}

test('given any history, when the queue is rebuilt after each step, then nothing differs', () => {
  fc.assert(
    fc.property(history, (steps: readonly Step[]) => {
      let world = new RealWorld();
      const model = new NaiveWorld();
      for (const step of steps) {
        expect(world.play(step)).toEqual(model.play(step));
        const copy = rebuilt(world);
        expect(imagesOf(copy.queue)).toEqual(imagesOf(world.queue));
        expect(copy.see()).toEqual(model.see());
        world = copy;
      }
    }),
    { numRuns: RUNS },
  );
});

test('given any history, when owners are erased and put back, then nothing differs', () => {
  const plan = fc.tuple(history, fc.subarray([...OWNERS], { minLength: 1 }));
  fc.assert(
    fc.property(plan, ([steps, names]) => {
      const world = new RealWorld();
      const model = new NaiveWorld();
      for (const step of steps) {
        expect(world.play(step)).toEqual(model.play(step));
        const images = names.map((name) => imageOf(world.queue, ownerId(name)));
        for (const name of names) world.queue.erase(ownerId(name));
        for (const name of names) {
          expect(imageOf(world.queue, ownerId(name))).toEqual({ holds: [] });
        }
        names.forEach((name, at) => {
          const image = images[at];
          if (image !== undefined) enterImage(world.queue, ownerId(name), image);
        });
        expect(world.see()).toEqual(model.see());
      }
    }),
    { numRuns: RUNS },
  );
});

test('given a queue that moves few at a time, when it settles, then all go who can', () => {
  const A: LockName = 'node/a';
  const queue = new LockQueue(AGING_MS, 2);
  const ask = (name: string, mode: 'shared' | 'exclusive'): void =>
    void queue.request(ownerId(name), [{ lock: A, mode }], 0, 0);
  ask('holder', 'exclusive');
  for (let each = 0; each < 5; each++) ask(`s${each}`, 'shared');
  ask('last', 'exclusive');
  const first = queue.releaseAll(ownerId('holder'), 1);
  expect(first.map(({ owner }) => owner)).toEqual(['s0', 's1']);
  expect(queue.isSettled).toBe(false);
  ask('late', 'shared');
  const second = queue.settle(1).map(({ owner }) => owner);
  const third = queue.settle(1).map(({ owner }) => owner);
  expect([second, third]).toEqual([['s2', 's3'], ['s4']]);
  expect(queue.isSettled).toBe(true);
  expect([...queue.waiting()].map(({ owner }) => owner)).toEqual(['last', 'late']);
});

test('a request that was moved on is told from one that stays', () => {
  const queue = new LockQueue(AGING_MS);
  const take = (name: string, ...locks: LockName[]): void =>
    void queue.request(
      ownerId(name),
      locks.map((lock) => ({ lock, mode: 'exclusive' })),
      0,
      0,
    );
  take('p', 'node/a');
  take('q', 'node/b');
  take('r', 'node/a', 'node/b');
  const before = imageOf(queue, ownerId('r')).request;
  const waiter = queue.waiterOf(ownerId('r'));
  if (waiter === undefined) throw new Error('r waits');
  expect(hasMoved(waiter, before)).toBe(false);
  expect(queue.releaseAll(ownerId('p'), 1)).toEqual([]);
  expect(hasMoved(waiter, before)).toBe(true);
  expect(imageOf(queue, ownerId('r')).request?.parkedAt).toBe(1);
});
