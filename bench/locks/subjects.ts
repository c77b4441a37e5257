/**
 * The same lock work done by each library. Every subject takes one task for a number of operations
 * and leaves all locks free; rwlock, which calls back, is wrapped in a promise as its users do.
 */
import AsyncLock from 'async-lock';
import { Mutex, Semaphore } from 'async-mutex';
import ReadWriteLock from 'rwlock';
import { MemoryLockManager } from '../../src/locks/manager.js';
import type { LockName } from '../../src/model/lock.js';
import {
  type LockRequest,
  type LockWait,
  type OwnerId,
  ownerId,
} from '../../src/ports/lock-manager.js';
import { systemClock } from '../../src/local/system-clock.js';

/** Does `count` operations. Who has had to wait for a lock holds it across one `await`. */
export type Task = (count: number) => Promise<void>;

/** What one library can do. */
export interface Subject {
  readonly uncontended?: Task;
  /** `count` waiters behind one owner of one lock, who pass it on one by one. */
  readonly waiters?: Task;
  /** `count` turns of 100 workers on one lock; one turn in ten is exclusive. */
  readonly mix?: Task;
  /** `count` times ten locks out of 10,000 at once. */
  readonly ten?: Task;
  /** `count` times a hundred locks out of 10,000 at once. */
  readonly hundred?: Task;
}

/** As many as the largest case needs. */
const NAMES = 10_000;
const WORKERS = 100;
const HOT: LockName = 'node/hot';

const names: readonly LockName[] = Array.from(
  { length: NAMES },
  (_, at): LockName => `node/${String(at).padStart(5, '0')}`,
);
const owners: readonly OwnerId[] = names.map((_, at) => ownerId(`job-${at}`));

const PICKS: Readonly<Record<number, readonly (readonly LockName[])[]>> = {
  10: picksOf(10),
  100: picksOf(100),
};

/** Bare bookkeeping: what no lock can do without. */
function bareMap(): Subject {
  const map = new Map<string, number>();
  const several = async (count: number, size: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const taken = pick(at, size);
      for (const name of taken) map.set(name, at);
      await undefined;
      for (const name of taken) map.delete(name);
    }
  };
  return {
    uncontended: async (count) => {
      for (let at = 0; at < count; at++) {
        const name = nameAt(at);
        map.set(name, at);
        await undefined;
        map.delete(name);
      }
    },
    ten: (count) => several(count, 10),
    hundred: (count) => several(count, 100),
  };
}

function ours(): Subject {
  const manager = new MemoryLockManager({ clock: systemClock() });
  return { ...mainWork(manager, undefined), ...otherWork(manager) };
}

/** With all that a request may come with, but for a signal. */
function oursLimited(): Subject {
  const manager = new MemoryLockManager({ clock: systemClock() });
  return mainWork(manager, { priority: 0, timeoutMs: 60_000 });
}

function mainWork(manager: MemoryLockManager, wait: LockWait | undefined): Subject {
  const turn = async (owner: OwnerId, requests: readonly LockRequest[]): Promise<void> => {
    const waiting = manager.acquire(owner, requests, wait);
    if (waiting !== undefined) await waiting;
    await undefined;
    manager.release(owner, 'all');
  };
  return {
    uncontended: async (count) => {
      for (let at = 0; at < count; at++) {
        const wants = [{ lock: nameAt(at), mode: 'exclusive' }] as const;
        const waiting = manager.acquire(ownerAt(0), wants, wait);
        if (waiting !== undefined) await waiting;
        manager.release(ownerAt(0), 'all');
      }
    },
    waiters: async (count) => {
      const first = ownerId('first');
      await manager.acquire(first, [{ lock: HOT, mode: 'exclusive' }]);
      const turns: Promise<void>[] = [];
      for (let at = 0; at < count; at++) {
        turns.push(turn(ownerAt(at), [{ lock: HOT, mode: 'exclusive' }]));
      }
      manager.release(first, 'all');
      await Promise.all(turns);
    },
  };
}

function otherWork(manager: MemoryLockManager): Subject {
  const several = async (count: number, size: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const requests = pick(at, size).map((lock) => ({ lock, mode: 'exclusive' as const }));
      const waiting = manager.acquire(ownerAt(0), requests);
      if (waiting !== undefined) await waiting;
      manager.release(ownerAt(0), 'all');
    }
  };
  return {
    mix: workers(async (worker, at) => {
      const mode = isExclusive(worker, at) ? 'exclusive' : 'shared';
      const waiting = manager.acquire(ownerAt(worker), [{ lock: HOT, mode }]);
      if (waiting !== undefined) await waiting;
      await undefined;
      manager.release(ownerAt(worker), 'all');
    }),
    ten: (count) => several(count, 10),
    hundred: (count) => several(count, 100),
  };
}

function rwlock(): Subject {
  const lock = new ReadWriteLock();
  const write = (name: string): Promise<() => void> =>
    new Promise((resolve) => lock.writeLock(name, resolve));
  const read = (name: string): Promise<() => void> =>
    new Promise((resolve) => lock.readLock(name, resolve));
  const turn = async (): Promise<void> => {
    const release = await write(HOT);
    await undefined;
    release();
  };
  return {
    uncontended: async (count) => {
      for (let at = 0; at < count; at++) {
        const release = await write(nameAt(at));
        release();
      }
    },
    waiters: async (count) => {
      const release = await write(HOT);
      const turns: Promise<void>[] = [];
      for (let at = 0; at < count; at++) turns.push(turn());
      release();
      await Promise.all(turns);
    },
    mix: workers(async (worker, at) => {
      const release = await (isExclusive(worker, at) ? write(HOT) : read(HOT));
      await undefined;
      release();
    }),
    ten: oneByOne(10, write),
    hundred: oneByOne(100, write),
  };
}

function asyncLock(): Subject {
  const lock = new AsyncLock({ maxPending: Number.POSITIVE_INFINITY });
  const several = async (count: number, size: number): Promise<void> => {
    for (let at = 0; at < count; at++)
      await lock.acquire([...pick(at, size)], async () => undefined);
  };
  return {
    uncontended: async (count) => {
      for (let at = 0; at < count; at++) await lock.acquire(nameAt(at), async () => undefined);
    },
    ten: (count) => several(count, 10),
    hundred: (count) => several(count, 100),
  };
}

/** It has no names: each lock is a mutex that is made beforehand. */
function mutex(): Subject {
  const locks = new Map(names.map((name) => [name, new Mutex()]));
  const take = async (name: LockName): Promise<() => void> =>
    locks.get(name)?.acquire() ?? Promise.reject(new Error(name));
  return {
    uncontended: async (count) => {
      for (let at = 0; at < count; at++) {
        const release = await locks.get(nameAt(at))?.acquire();
        release?.();
      }
    },
    ten: oneByOne(10, take),
    hundred: oneByOne(100, take),
  };
}

/** It has no names either; shared is one of many places, exclusive is all of them. */
function semaphore(): Subject {
  const locks = new Map(names.map((name) => [name, new Semaphore(1)]));
  const hot = new Semaphore(WORKERS);
  const take = async (name: LockName): Promise<() => void> => {
    const [, release] = (await locks.get(name)?.acquire()) ?? [];
    return release ?? ((): void => undefined);
  };
  return {
    mix: workers(async (worker, at) => {
      const [, release] = await hot.acquire(isExclusive(worker, at) ? WORKERS : 1);
      await undefined;
      release();
    }),
    ten: oneByOne(10, take),
    hundred: oneByOne(100, take),
  };
}

/** All subjects; ours comes first. */
export function makeSubjects(): Readonly<Record<string, Subject>> {
  return {
    ours: ours(),
    'ours, limited': oursLimited(),
    'Map + await': bareMap(),
    rwlock: rwlock(),
    'async-lock': asyncLock(),
    'async-mutex Mutex': mutex(),
    'async-mutex Semaphore': semaphore(),
  };
}

/** How those who know no sets of locks take several: in order, one after the other. */
function oneByOne(size: number, take: (name: LockName) => Promise<() => void>): Task {
  return async (count) => {
    for (let at = 0; at < count; at++) {
      const releases: (() => void)[] = [];
      for (const name of pick(at, size)) releases.push(await take(name));
      for (const release of releases) release();
    }
  };
}

function workers(turn: (worker: number, at: number) => Promise<void>): Task {
  return async (count) => {
    const work = async (worker: number): Promise<void> => {
      for (let at = 0; at < count / WORKERS; at++) await turn(worker, at);
    };
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  };
}

function isExclusive(worker: number, at: number): boolean {
  return (worker + at) % 10 === 0;
}

/** Some names in ascending order, others each time. They are picked before anything is measured. */
function pick(at: number, size: number): readonly LockName[] {
  const sets = PICKS[size] ?? [];
  return sets[at % sets.length] ?? [];
}

function picksOf(size: number): readonly (readonly LockName[])[] {
  const step = NAMES / size;
  return Array.from({ length: step }, (_, first) =>
    Array.from({ length: size }, (__, place) => nameAt(place * step + first)),
  );
}

function nameAt(at: number): LockName {
  return names[at % NAMES] ?? HOT;
}

function ownerAt(at: number): OwnerId {
  return owners[at] ?? ownerId(`job-${at}`);
}
