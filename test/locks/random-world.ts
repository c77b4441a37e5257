/**
 * Random histories of lock requests, and a way to play them on the library's queue and on the naive
 * model side by side.
 */
import fc from 'fast-check';
import { LockOrderError } from '../../src/errors.js';
import { LOCK_LEVELS, type LockLevel, type LockMode, type LockName } from '../../src/model/lock.js';
import { LockQueue } from '../../src/locks/queue.js';
import { Waiter } from '../../src/locks/waiter.js';
import { type LockRequest, type LockUnit, ownerId } from '../../src/ports/lock-manager.js';
import { type NaiveAnswer, NaiveLocks } from './naive-model.js';

export type Action =
  | { readonly do: 'acquire'; readonly requests: readonly LockRequest[]; readonly priority: number }
  | {
      readonly do: 'available';
      readonly units: readonly LockUnit[];
      readonly mode: LockMode;
      readonly atLeast: number;
    }
  | { readonly do: 'release'; readonly locks: readonly LockName[] | 'all' }
  | { readonly do: 'narrow'; readonly level: LockLevel; readonly names: readonly string[] }
  | { readonly do: 'downgrade'; readonly locks: readonly LockName[] }
  | { readonly do: 'withdraw' }
  | { readonly do: 'pass'; readonly ms: number };

export interface Step {
  readonly owner: string;
  readonly action: Action;
}

export const OWNERS = ['p', 'q', 'r', 's'] as const;
export const LOCKS: readonly LockName[] = [
  'instance/i',
  'node/[lockset]',
  'node/a',
  'node/b',
  'node/c',
  'node-res/[lockset]',
  'node-res/a',
  'node-res/b',
];
const UNITS: readonly LockUnit[] = [['node/a', 'node-res/a'], ['node/b', 'node-res/b'], ['node/c']];

/** Small, so that a history of a few steps lets waiting outweigh priority. */
export const AGING_MS = 10;

/** Some locks that somebody wants together. */
export const requests: fc.Arbitrary<LockRequest[]> = fc.array(
  fc.record({
    lock: fc.constantFrom(...LOCKS),
    mode: fc.constantFrom<LockMode>('shared', 'exclusive'),
  }),
  { minLength: 1, maxLength: 4 },
);

const mode = fc.constantFrom<LockMode>('shared', 'exclusive');
const lock = fc.constantFrom(...LOCKS);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      requests,
      priority: fc.constantFrom(0, 0, -20, -1, 1, 19),
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        do: fc.constant('available' as const),
        units: fc.subarray([...UNITS], { minLength: 1 }),
        mode,
        atLeast: fc.integer({ min: 1, max: 3 }),
      })
      .map((choice) => ({ ...choice, atLeast: Math.min(choice.atLeast, choice.units.length) })),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      locks: fc.oneof(fc.constant('all' as const), fc.array(lock, { maxLength: 3 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('narrow' as const),
      level: fc.constantFrom(...LOCK_LEVELS),
      names: fc.subarray(['a', 'b', 'c', 'new']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('downgrade' as const),
      locks: fc.array(lock, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 30 * AGING_MS }),
    }),
  },
);

/** A history of up to 40 steps by four owners. */
export const history: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ owner: fc.constantFrom(...OWNERS), action }),
  { maxLength: 40, size: 'max' },
);

/** What a step led to. */
export interface Outcome {
  readonly answer: NaiveAnswer | 'done' | 'nothing';
  /** Waiters who were let go by it, in order. */
  readonly letGo: readonly string[];
}

/** What an opportunistic request was granted in the end. */
export interface Chosen {
  readonly owner: string;
  readonly units: readonly LockUnit[];
  readonly atLeast: number;
}

/** Everything that can be seen from outside. */
export interface Seen {
  /** As `owner mode lock`. */
  readonly holds: readonly string[];
  readonly waiting: readonly string[];
  /** As `lock owner`, by who waits. */
  readonly blockers: Readonly<Record<string, readonly string[]>>;
  readonly chosen: readonly Chosen[];
}

const NOTHING: Outcome = { answer: 'nothing', letGo: [] };

/** The library's queue, with a clock of its own. */
export class RealWorld {
  readonly queue = new LockQueue(AGING_MS);
  readonly chosen: Chosen[] = [];
  nowMs = 0;

  play({ owner: name, action }: Step): Outcome {
    const owner = ownerId(name);
    const { queue, nowMs } = this;
    const waiter = queue.waiterOf(owner);
    switch (action.do) {
      case 'acquire':
      case 'available':
        return waiter === undefined ? this.#request(name, action) : NOTHING;
      case 'release':
        return this.#done(
          action.locks === 'all'
            ? queue.releaseAll(owner, nowMs)
            : queue.release(owner, action.locks, nowMs),
        );
      case 'narrow': {
        const keep = new Set(action.names.map((text): LockName => `${action.level}/${text}`));
        return this.#done(queue.narrow(owner, LOCK_LEVELS.indexOf(action.level), keep, nowMs));
      }
      case 'downgrade':
        return this.#done(queue.downgrade(owner, action.locks, nowMs));
      case 'withdraw':
        return this.#done(waiter === undefined ? [] : queue.withdraw(waiter, nowMs));
      case 'pass':
        this.nowMs += action.ms;
        return { answer: 'done', letGo: [] };
    }
  }

  /** Asks for `node/a`. */
  take(name: string, mode: LockMode, priority = 0): Outcome['answer'] {
    const requests: LockRequest[] = [{ lock: 'node/a', mode }];
    return this.play({ owner: name, action: { do: 'acquire', requests, priority } }).answer;
  }

  /** Ends all work of an owner; answers who goes on. */
  giveBack(name: string): readonly string[] {
    return this.play({ owner: name, action: { do: 'release', locks: 'all' } }).letGo;
  }

  /** Everything that can be seen from outside. */
  see(): Seen {
    const waiting = [...this.queue.waiting()];
    return {
      holds: OWNERS.flatMap((name) =>
        this.queue.held(ownerId(name)).map((hold) => `${name} ${hold.mode} ${hold.lock}`),
      ).sort(),
      waiting: waiting.map(({ owner }) => owner).sort(),
      blockers: Object.fromEntries(
        waiting.map((waiter) => [
          waiter.owner,
          this.queue
            .blockers(waiter)
            .map((blocker) => `${blocker.lock} ${blocker.owner}`)
            .sort(),
        ]),
      ),
      chosen: this.chosen,
    };
  }

  #request(name: string, action: Action & { do: 'acquire' | 'available' }): Outcome {
    const owner = ownerId(name);
    const { nowMs } = this;
    try {
      if (action.do === 'acquire') {
        const waiter = this.queue.request(owner, action.requests, nowMs, action.priority);
        return { answer: waiter === undefined ? 'granted' : 'waits', letGo: [] };
      }
      const { units, mode, atLeast } = action;
      const answer = this.queue.requestAvailable(owner, units, mode, atLeast, nowMs, 0);
      if (answer instanceof Waiter) return { answer: 'waits', letGo: [] };
      this.chosen.push({ owner: name, units: answer, atLeast });
      return { answer: 'granted', letGo: [] };
    } catch (error) {
      if (error instanceof LockOrderError) return { answer: 'order', letGo: [] };
      throw error;
    }
  }

  #done(waiters: readonly Waiter[]): Outcome {
    for (const { owner, choice } of waiters) {
      if (choice === undefined) continue;
      this.chosen.push({ owner, units: choice.granted, atLeast: choice.atLeast });
    }
    return { answer: 'done', letGo: waiters.map(({ owner }) => owner) };
  }
}

/**
 * Lets all who work come to an end, again and again, until nobody waits; answers with those who
 * wait though nobody works any more.
 */
export function drain({ queue }: RealWorld): string[] {
  for (;;) {
    const workers = [...queue.locks()]
      .map(({ owner }) => owner)
      .filter((owner) => queue.waiterOf(owner) === undefined);
    const [worker] = workers;
    if (worker === undefined) return [...queue.waiting()].map(({ owner }) => owner);
    queue.releaseAll(worker, 0);
  }
}

/** The naive model, playing the same steps. */
export class NaiveWorld {
  readonly locks = new NaiveLocks(AGING_MS);

  play({ owner, action }: Step): Outcome {
    const { locks } = this;
    const done = (letGo: string[]): Outcome => ({ answer: 'done', letGo });
    switch (action.do) {
      case 'acquire':
        if (locks.isWaiting(owner)) return NOTHING;
        return { answer: locks.acquire(owner, action.requests, action.priority), letGo: [] };
      case 'available':
        if (locks.isWaiting(owner)) return NOTHING;
        return { answer: locks.available(owner, action), letGo: [] };
      case 'release':
        return done(locks.release(owner, action.locks === 'all' ? LOCKS_OR_NEW : action.locks));
      case 'narrow':
        return done(
          locks.narrow(
            owner,
            action.level,
            action.names.map((name): LockName => `${action.level}/${name}`),
          ),
        );
      case 'downgrade':
        return done(locks.downgrade(owner, action.locks));
      case 'withdraw':
        return done(locks.withdraw(owner));
      case 'pass':
        locks.nowMs += action.ms;
        return { answer: 'done', letGo: [] };
    }
  }

  see(): Seen {
    const { locks } = this;
    return {
      holds: locks.holds.map((hold) => `${hold.owner} ${hold.mode} ${hold.lock}`).sort(),
      waiting: locks.waiters.map(({ owner }) => owner).sort(),
      blockers: Object.fromEntries(
        locks.waiters.map((waiter) => [waiter.owner, locks.blockers(waiter)]),
      ),
      chosen: locks.chosen,
    };
  }
}

/** All locks that a history can touch: narrowing can lead to names beyond `LOCKS`. */
export const LOCKS_OR_NEW: readonly LockName[] = LOCK_LEVELS.flatMap((level) =>
  ['[lockset]', 'i', 'a', 'b', 'c', 'new'].map((name): LockName => `${level}/${name}`),
);
