/**
 * Every history of three owners on a whole set and two of its members, up to six steps: the queue
 * and the naive model agree on each, and nobody waits for ever after any. Histories that lead to
 * the same state (owners are interchangeable) are continued once.
 */
import { expect, test } from 'vitest';
import type { LockMode, LockName } from '../../src/model/lock.js';
import type { LockRequest } from '../../src/ports/lock-manager.js';
import type { NaiveLocks, NaiveWaiter } from './naive-model.js';
import { type Action, drain, NaiveWorld, RealWorld, type Step } from './random-world.js';

const DEPTH = 6;
const OWNERS = ['p', 'q', 'r'];
const [SET, A, B] = ['node/[lockset]', 'node/a', 'node/b'] as const;
const ACTIONS: readonly Action[] = [
  ...[SET, A, B].flatMap((lock) => [acquire([lock, 'shared']), acquire([lock, 'exclusive'])]),
  acquire([A, 'exclusive'], [B, 'exclusive']),
  acquire([A, 'shared'], [B, 'exclusive']),
  acquire([SET, 'shared'], [A, 'exclusive']),
  choose('exclusive', 1),
  choose('exclusive', 2),
  choose('shared', 2),
  { do: 'release', locks: 'all' },
  { do: 'release', locks: [A] },
  { do: 'release', locks: [B] },
  { do: 'narrow', level: 'node', names: ['b'] },
  { do: 'downgrade', locks: [SET, A, B] },
  { do: 'withdraw' },
];
const STEPS: readonly Step[] = OWNERS.flatMap((owner) =>
  ACTIONS.map((action) => ({ owner, action })),
);

const TIMEOUT_MS = 60_000;

interface Known {
  readonly history: readonly Step[];
  /** Who waits after it: such an owner asks for nothing. */
  readonly waiting: readonly string[];
}

test(
  'given any history of up to six steps, queue and naive model agree and all are served',
  () => {
    const seen = new Set<string>();
    let known: Known[] = [{ history: [], waiting: [] }];
    let checked = 0;
    for (let depth = 1; depth <= DEPTH; depth++) {
      const next: Known[] = [];
      for (const { history, waiting } of known) {
        for (const step of STEPS.filter((each) => !waiting.includes(each.owner) || !asks(each))) {
          const longer = [...history, step];
          const locks = check(longer);
          checked++;
          const state = stateOf(locks);
          if (seen.has(state)) continue;
          seen.add(state);
          expectAllServed(longer);
          next.push({ history: longer, waiting: locks.waiters.map(({ owner }) => owner) });
        }
      }
      known = next;
    }
    expect(checked).toBeGreaterThan(40_000);
  },
  TIMEOUT_MS,
);

function asks({ action }: Step): boolean {
  return action.do === 'acquire' || action.do === 'available';
}

/** Plays a history whose beginning is known to be right; answers the naive model after it. */
function check(history: readonly Step[]): NaiveLocks {
  const real = new RealWorld();
  const naive = new NaiveWorld();
  let told: unknown;
  let expected: unknown;
  for (const step of history) {
    told = real.play(step);
    expected = naive.play(step);
  }
  told = [told, real.see()];
  expected = [expected, naive.see()];
  if (JSON.stringify(told) !== JSON.stringify(expected)) {
    expect([history, told]).toEqual([history, expected]);
  }
  return naive.locks;
}

function expectAllServed(history: readonly Step[]): void {
  const world = new RealWorld();
  for (const step of history) world.play(step);
  expect([history, drain(world)]).toEqual([history, []]);
}

/** All that decides what can happen next, the same for owners who changed places. */
function stateOf(locks: NaiveLocks): string {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const held = OWNERS.map((owner) =>
    locks
      .holdsOf(owner)
      .map((hold) => `${hold.mode} ${hold.lock}`)
      .sort()
      .join(),
  );
  const waits = locks.waiters.map((waiter) => ({
    owner: OWNERS.indexOf(waiter.owner),
    text: describe(waiter),
  }));
  const names = orders.map((order) => {
    const waiting = waits.map(({ owner, text }) => `${order.indexOf(owner)} ${text}`);
    return [...order.map((owner) => held[owner]), ...waiting].join(';');
  });
  return names.sort()[0] ?? '';
}

function describe({ wants, choice, claims, parked }: NaiveWaiter): string {
  const lacks = choice === undefined ? [] : [choice.mode, choice.atLeast, choice.lacks];
  return JSON.stringify([wants, lacks, claims.length, parked]);
}

function acquire(...wanted: readonly [LockName, LockMode][]): Action {
  const requests: LockRequest[] = wanted.map(([lock, mode]) => ({ lock, mode }));
  return { do: 'acquire', requests, priority: 0 };
}

function choose(mode: LockMode, atLeast: number): Action {
  return { do: 'available', units: [[A], [B]], mode, atLeast };
}
