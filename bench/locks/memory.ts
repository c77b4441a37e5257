/**
 * A process that finds out what a held lock and a waiter weigh, and tells its parent. Names and ids
 * are not counted: they belong to whoever asks.
 */
import { MemoryLockManager } from '../../src/locks/manager.js';
import type { LockName } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { systemClock } from '../../src/local/system-clock.js';
import { median } from '../measure.js';

const COUNT = 10_000;

/** Of seven, the middle one was at times one of those that are a tenth too high. */
const TIMES = 21;

/** Bytes of one lock or waiter. */
export interface LockMemory {
  /** Each lock with an owner of its own. */
  readonly heldByMany: number;
  /** All locks with one owner. */
  readonly heldByOne: number;
  /** An exclusive request behind others, with the promise that its caller has. */
  readonly waiter: number;
}

const names = Array.from(
  { length: COUNT },
  (_, at): LockName => `node/${String(at).padStart(5, '0')}`,
);
const owners = names.map((_, at) => ownerId(`job-${at}`));

function heldByMany(): number {
  const manager = make();
  return weigh(manager, (at) => {
    void manager.acquire(owners[at] ?? ownerId('?'), [
      { lock: names[at] ?? 'node/?', mode: 'shared' },
    ]);
  });
}

function heldByOne(): number {
  const manager = make();
  return weigh(manager, (at) => {
    void manager.acquire(ownerId('one'), [{ lock: names[at] ?? 'node/?', mode: 'shared' }]);
  });
}

function waiter(): number {
  const manager = make();
  const promises: (Promise<void> | undefined)[] = names.map(() => undefined);
  void manager.acquire(ownerId('first'), [{ lock: 'node/hot', mode: 'exclusive' }]);
  const bytes = weigh(manager, (at) => {
    const requests = [{ lock: 'node/hot', mode: 'exclusive' }] as const;
    promises[at] = manager.acquire(owners[at] ?? ownerId('?'), requests);
  });
  if (promises.includes(undefined)) throw new Error('A waiter did not have to wait');
  return bytes;
}

function make(): MemoryLockManager {
  return new MemoryLockManager({ clock: systemClock() });
}

function weigh(manager: MemoryLockManager, act: (at: number) => void): number {
  const before = heapBytes();
  for (let at = 0; at < COUNT; at++) act(at);
  const after = heapBytes();
  const { locks, pending } = manager.explain();
  if (locks.length + pending.length < COUNT) throw new Error('Something was given back too early');
  return (after - before) / COUNT;
}

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Run this with --expose-gc');
  for (let time = 0; time < 3; time++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** What is left of earlier work may be collected in between, so that one figure proves nothing. */
function typical(measure: () => number): number {
  return median(Array.from({ length: TIMES }, measure));
}

const found: LockMemory = {
  heldByMany: typical(heldByMany),
  heldByOne: typical(heldByOne),
  waiter: typical(waiter),
};
if (process.send === undefined) process.stdout.write(`${JSON.stringify(found)}\n`);
else process.send(found);
