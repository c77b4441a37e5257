/**
 * What the asynchronous shell adds to the queue: no cost where nobody waits, every wait ends once,
 * and nothing is left behind, whatever ends it.
 */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cancelled, LockTimeout } from '../../src/errors.js';
import { MemoryLockManager } from '../../src/locks/manager.js';
import { type LockWait, ownerId, type OwnerId } from '../../src/ports/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { OWNERS, requests } from './random-world.js';

const [p, q, r] = [ownerId('p'), ownerId('q'), ownerId('r')];
const A = [{ lock: 'node/a', mode: 'exclusive' }] as const;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => void process.on('unhandledRejection', onUnhandled));

afterAll(() => {
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

test('given free locks, when acquired, then there is no promise, timer or listener', () => {
  const { manager, clock } = setUp();
  const stop = new AbortController();
  const onBlocked = (): never => expect.unreachable();
  const wait = { timeoutMs: 5, signal: stop.signal, onBlocked };
  expect(manager.acquire(p, A, wait)).toBeUndefined();
  expect(manager.acquireAvailable(q, [['node/b']], 'shared', { ...wait, atLeast: 1 })).toEqual([
    ['node/b'],
  ]);
  expect([clock.timers, listeners(stop)]).toEqual([0, 0]);
});

test('given a clock that tells turns, then it is asked for them while somebody waits, and for no deadline', async () => {
  const clock = new ManualClock();
  const looks: string[] = [];
  const atMs = clock.monotonic();
  const manager = new MemoryLockManager({
    clock: {
      now: () => clock.now(),
      monotonic: () => (looks.push('now'), clock.monotonic()),
      // A turn that began before all that follows.
      turn() {
        looks.push(this === undefined ? 'nobody' : 'turn');
        return atMs;
      },
      timer: (delayMs, fire) => clock.timer(delayMs, fire),
    },
  });
  await clock.advance(7);
  looks.length = 0;
  void manager.acquire(p, A);
  void manager.acquire(q, A);
  expect(looks).toEqual(['now', 'now']);
  await clock.advance(5);
  const late = follow(manager.acquire(r, A, { timeoutMs: 3 }));
  void manager.acquire(ownerId('s'), A);
  expect(looks.slice(2)).toEqual(['turn', 'now', 'now', 'turn']);

  const { locks, pending } = manager.explain();

  // Nobody stands before who was there already, and nobody's time lies before that.
  expect(pending.map(({ owner, sinceMs }) => [owner, sinceMs])).toEqual([
    ['q', atMs + 7],
    ['r', atMs + 7],
    ['s', atMs + 7],
  ]);
  expect(locks).toMatchObject([{ owner: [{ owner: 'p', sinceMs: atMs + 7 }] }]);
  await clock.advance(2);
  expect(manager.explain().pending).toHaveLength(3);
  await clock.advance(1);
  expect(await late).toBe('LockTimeout');
});

test.each(['grant', 'timeout', 'abort', 'release'] as const)(
  'given a wait with all limits, when it ends by %s, then nothing of it is left',
  async (end) => {
    const { manager, clock } = setUp();
    const stop = new AbortController();
    void manager.acquire(p, A);
    const waiting = follow(manager.acquire(q, A, { timeoutMs: 5, signal: stop.signal }));
    expect([clock.timers, listeners(stop)]).toEqual([1, 1]);
    if (end === 'grant') manager.release(p, 'all');
    if (end === 'timeout') await clock.advance(5);
    if (end === 'abort') stop.abort();
    if (end === 'release') manager.release(q, 'all');
    expect([clock.timers, listeners(stop)]).toEqual([0, 0]);
    expect(await waiting).toBe(
      { grant: 'granted', timeout: 'LockTimeout', abort: 'Cancelled', release: 'Cancelled' }[end],
    );
    expect(manager.explain().pending).toEqual([]);
  },
);

test('given a grant and an abort in one turn, then the first of them counts', async () => {
  for (const abortsFirst of [true, false]) {
    const { manager } = setUp();
    const stop = new AbortController();
    void manager.acquire(p, A);
    const waiting = follow(manager.acquire(q, A, { signal: stop.signal }));
    const steps = [() => stop.abort(), () => manager.release(p, 'all')];
    for (const step of abortsFirst ? steps : steps.reverse()) step();
    expect(await waiting).toBe(abortsFirst ? 'Cancelled' : 'granted');
    expect([...manager.held(q).keys()]).toEqual(abortsFirst ? [] : ['node/a']);
  }
});

test('given a timeout and a grant at one time, then the first timer counts', async () => {
  const { manager, clock } = setUp();
  void manager.acquire(p, A);
  const waiting = follow(manager.acquire(q, A, { timeoutMs: 5 }));
  clock.timer(5, () => void manager.release(p, 'all'));
  await clock.advance(5);
  expect(await waiting).toBe('LockTimeout');
  expect(manager.explain()).toEqual({ locks: [], pending: [] });
});

test('given a signal, when it cancels a wait, then its reason is the cause', async () => {
  const { manager } = setUp();
  const stop = new AbortController();
  void manager.acquire(p, A);
  const waiting = manager.acquire(q, A, { signal: stop.signal });
  const reason = new Error('the operator changed his mind');
  stop.abort(reason);
  await expect(waiting).rejects.toMatchObject({ name: 'Cancelled', cause: reason });
});

test('given a wait, when it is granted, then it holds since then and waited since before', async () => {
  const { manager, clock } = setUp();
  void manager.acquire(p, A);
  await clock.advance(5);
  const waiting = manager.acquire(q, A);
  await clock.advance(4);
  expect(manager.explain()).toMatchObject({
    locks: [{ owner: [{ owner: 'p', sinceMs: 0 }] }],
    pending: [{ owner: 'q', sinceMs: 5 }],
  });
  manager.release(p, 'all');
  await waiting;
  expect(manager.explain()).toMatchObject({
    locks: [{ owner: [{ owner: 'q', sinceMs: 9 }] }],
    pending: [],
  });
});

test('given blockers, when time is up, then the message names locks and owners', async () => {
  const { manager, clock } = setUp();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    void manager.acquire(ownerId(`job-${name}`), [{ lock: `node/${name}`, mode: 'shared' }]);
  }
  const wanted = names.map((name) => ({ lock: `node/${name}`, mode: 'exclusive' }) as const);
  const waiting = manager.acquire(q, wanted, { timeoutMs: 7 })?.catch((error: unknown) => error);
  await clock.advance(7);
  const error = await waiting;
  expect(error).toBeInstanceOf(LockTimeout);
  expect((error as LockTimeout).blockers).toHaveLength(5);
  expect((error as LockTimeout).message).toBe(
    "'q' did not get node/a, node/b, node/c and 2 more within 7 ms; in the way: " +
      "'job-a' at node/a, 'job-b' at node/b, 'job-c' at node/c and 2 more. " +
      'Try again when they are done, or wait longer',
  );
});

test('given a listener that throws, when waiting begins, then it ends so', async () => {
  const { manager } = setUp();
  void manager.acquire(p, A);
  const onBlocked = (): never => {
    throw new Error('no paper');
  };
  await expect(manager.acquire(q, A, { onBlocked })).rejects.toThrow('no paper');
  expect(manager.explain().pending).toEqual([]);
});

test('given a listener that frees the lock, when waiting begins, then it ends', async () => {
  const { manager } = setUp();
  void manager.acquire(p, A);
  await manager.acquire(q, A, { onBlocked: () => void manager.release(p, 'all') });
  expect([...manager.held(q).keys()]).toEqual(['node/a']);
});

test('given an opportunistic request, when a unit is free, then it gets it', async () => {
  const { manager } = setUp();
  void manager.acquire(p, [...A, { lock: 'node/b', mode: 'exclusive' }]);
  const units = [['node/a'], ['node/b']] as const;
  const waiting = manager.acquireAvailable(q, units, 'exclusive', { atLeast: 1 });
  const follower = follow(manager.acquire(r, [{ lock: 'node/b', mode: 'shared' }]));
  manager.release(p, ['node/b']);
  expect(await waiting).toEqual([['node/b']]);
  manager.release(q, 'all');
  expect(await follower).toBe('granted');
});

test('given a pace of ageing that is none, then it is refused', () => {
  const clock = new ManualClock();
  for (const agingMs of [0, -1, Number.NaN]) {
    expect(() => new MemoryLockManager({ clock, agingMs })).toThrow('agingMs must be above 0');
  }
});

test('given any coming and going, each wait ends once and nothing is left in the end', async () => {
  const acts = fc.array(
    fc.record({
      owner: fc.constantFrom(...OWNERS),
      act: fc.constantFrom('ask', 'ask', 'release', 'abort', 'pass'),
      requests,
      timeoutMs: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    }),
    { maxLength: 30, size: 'max' },
  );
  await fc.assert(
    fc.asyncProperty(acts, async (steps) => {
      const { manager, clock } = setUp();
      const stops = new Map<string, AbortController>();
      const ends: Promise<string>[] = [];
      let asked = 0;
      for (const { owner: name, act, requests: wanted, timeoutMs } of steps) {
        const owner = ownerId(name);
        if (act === 'release') manager.release(owner, 'all');
        if (act === 'abort') stops.get(name)?.abort();
        if (act === 'pass') await clock.advance(7);
        const isWaiting = manager.explain().pending.some((each) => each.owner === owner);
        if (act !== 'ask' || isWaiting) continue;
        const stop = new AbortController();
        stops.set(name, stop);
        asked++;
        const wait = { signal: stop.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
        ends.push(follow(ask(manager, owner, wanted, wait)));
      }
      for (const owner of OWNERS) manager.release(ownerId(owner), 'all');
      expect(await Promise.all(ends)).toHaveLength(asked);
      for (const owner of OWNERS) manager.release(ownerId(owner), 'all');
      expect(manager.explain()).toEqual({ locks: [], pending: [] });
      expect(clock.timers).toBe(0);
      expect([...stops.values()].map(listeners)).toEqual([...stops].map(() => 0));
    }),
    { numRuns: 200 },
  );
});

function setUp(): { manager: MemoryLockManager; clock: ManualClock } {
  const clock = new ManualClock();
  return { manager: new MemoryLockManager({ clock }), clock };
}

/** Acquires; what is thrown becomes a rejection. */
async function ask(
  manager: MemoryLockManager,
  owner: OwnerId,
  wanted: Parameters<MemoryLockManager['acquire']>[1],
  wait: LockWait,
): Promise<void> {
  await manager.acquire(owner, wanted, wait);
}

/** How a wait ends. */
async function follow(waiting: Promise<void> | undefined): Promise<string> {
  try {
    await waiting;
    return 'granted';
  } catch (error) {
    if (error instanceof Cancelled || error instanceof LockTimeout) return error.name;
    if (error instanceof Error && error.name === 'LockOrderError') return error.name;
    throw error;
  }
}

function listeners({ signal }: AbortController): number {
  return getEventListeners(signal, 'abort').length;
}
