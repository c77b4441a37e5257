/**
 * The invariants L1 to L11 of the locks, each as a property of random histories of four owners on
 * three levels.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Allocation } from '../../src/locks/allocation.js';
import type { LockMode, LockName } from '../../src/model/lock.js';
import { type LockRequest, ownerId } from '../../src/ports/lock-manager.js';
import { compare, isSet, levelOf, setOf } from './naive-model.js';
import {
  type Action,
  AGING_MS,
  type Chosen,
  drain,
  history,
  LOCKS,
  type Outcome,
  OWNERS,
  RealWorld,
  requests,
  type Step,
} from './random-world.js';

interface Moment {
  readonly step: Step;
  readonly outcome: Outcome;
  readonly before: Holds;
  readonly after: Holds;
  /** What opportunistic requests were granted in this step. */
  readonly chosen: readonly Chosen[];
  /** Who gave something back while it waited: what it had when it asked counts as had. */
  readonly gaveBack: ReadonlySet<string>;
  readonly world: RealWorld;
}

/** `lock` to mode, by owner. */
type Holds = Readonly<Record<string, ReadonlyMap<LockName, string>>>;

test('L1: a request is refused exactly if it lies below, or on top of, what is held', () => {
  always(({ step: { owner, action }, outcome, before }) => {
    if (action.do !== 'acquire' || outcome.answer === 'nothing') return;
    const own = before[owner] ?? new Map<LockName, LockMode>();
    const isWrong = ({ lock, mode }: LockRequest): boolean => {
      const modes = [own.get(lock), own.get(setOf(lock))];
      if (modes.includes('exclusive') || (modes.includes('shared') && mode === 'shared'))
        return false;
      return modes.includes('shared') || [...own.keys()].some((held) => compare(lock, held) < 0);
    };
    expect(outcome.answer === 'order').toBe(action.requests.some(isWrong));
  });
});

test('L1: because locks ascend, all waiters are served once those who work come to an end', () => {
  always(nothing, (world) => expect(drain(world)).toEqual([]));
});

test('L2: the whole-set lock excludes as if its owner had each lock of the level', () => {
  always(({ after }) => {
    for (const [owner, lock, mode] of entries(after).filter(([, lock]) => isSet(lock))) {
      const others = entries(after).filter(
        ([other, otherLock]) => other !== owner && levelOf(otherLock) === levelOf(lock),
      );
      if (mode === 'exclusive') expect(others).toEqual([]);
      expect(others.map(([, , otherMode]) => otherMode)).not.toContain('exclusive');
    }
  });
});

test('L2: the whole-set lock covers names that nobody has used yet', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), (name, isExclusive) => {
      const locks = new Allocation();
      const mode = isExclusive ? 'exclusive' : 'shared';
      locks.request(ownerId('all'), [{ lock: 'node/[lockset]', mode }], 0);
      const shared = locks.request(ownerId('one'), [{ lock: `node/${name}`, mode: 'shared' }], 0);
      expect(shared.map(({ owner }) => owner)).toEqual(isExclusive ? ['all'] : []);
      const other = locks.request(ownerId('two'), [{ lock: `node/${name}`, mode: 'exclusive' }], 0);
      expect(other.map(({ owner }) => owner)).toContain('all');
    }),
  );
});

test('L3: a request is granted as a whole, or nothing of it', () => {
  always(({ step: { owner, action }, outcome, before, after }) => {
    if (action.do !== 'acquire' || outcome.answer === 'nothing') return;
    if (outcome.answer !== 'granted') return expect(after[owner]).toEqual(before[owner]);
    for (const { lock, mode } of action.requests) {
      const modes = [after[owner]?.get(lock), after[owner]?.get(setOf(lock))];
      expect(modes.some((held) => held === 'exclusive' || held === mode)).toBe(true);
    }
  });
});

test('L3: a waiter that is let go has all it waited for, and had none of it before', () => {
  const wanted = new Map<string, readonly LockRequest[]>();
  always(({ step: { owner, action }, outcome, before, after }) => {
    if (action.do === 'acquire' && outcome.answer === 'waits') {
      const own = before[owner] ?? new Map();
      wanted.set(
        owner,
        action.requests.filter(({ lock }) => !own.has(lock) && !own.has(setOf(lock))),
      );
    } else if (action.do === 'available') wanted.delete(owner);
    for (const name of outcome.letGo) {
      for (const { lock } of wanted.get(name) ?? []) {
        expect(before[name]?.has(lock)).toBe(false);
        expect(after[name]?.has(lock)).toBe(true);
      }
    }
  });
});

test('L4: exclusive excludes all others, shared excludes exclusive', () => {
  always(({ after }) => {
    for (const lock of LOCKS) {
      const modes = OWNERS.flatMap((owner) => after[owner]?.get(lock) ?? []);
      if (modes.length > 1) expect(modes).not.toContain('exclusive');
    }
  });
});

test('L5: an opportunistic request gets whole units, and enough of them', () => {
  always(({ after, chosen, gaveBack }) => {
    for (const { owner, units, atLeast } of chosen) {
      expect(units.length).toBeGreaterThanOrEqual(atLeast);
      if (gaveBack.has(owner)) continue;
      const own = after[owner];
      for (const lock of units.flat()) {
        expect(own?.has(lock) === true || own?.has(setOf(lock)) === true).toBe(true);
      }
    }
  });
});

test('L5: an opportunistic request leaves out only what somebody else keeps from it', () => {
  always(({ step: { owner, action }, outcome, before, after, world }) => {
    if (action.do !== 'available' || outcome.answer !== 'granted') return;
    if ([...world.queue.waiting()].length > 0) return;
    const got = world.chosen.at(-1)?.units ?? [];
    for (const unit of action.units.filter((candidate) => !got.includes(candidate))) {
      const others = entries(before).filter(([other]) => other !== owner);
      const inTheWay = others.filter(
        ([, lock, mode]) =>
          unit.some((wanted) => wanted === lock || setOf(wanted) === lock) &&
          (mode === 'exclusive' || action.mode === 'exclusive'),
      );
      expect(inTheWay).not.toEqual([]);
      for (const [, lock] of inTheWay) expect(after[owner]?.has(lock)).not.toBe(true);
    }
  });
});

test('L6: giving back always succeeds, and twice is harmless', () => {
  fc.assert(
    fc.property(history, fc.constantFrom(...OWNERS), (steps, owner) => {
      const world = new RealWorld();
      for (const step of steps) world.play(step);
      const waiter = world.queue.waiterOf(ownerId(owner));
      if (waiter !== undefined) world.queue.withdraw(waiter, world.nowMs);
      world.giveBack(owner);
      expect(world.queue.held(ownerId(owner))).toEqual([]);
      const seen = world.see();
      expect(world.giveBack(owner)).toEqual([]);
      const locks = LOCKS.concat('network/never-held');
      expect(world.play({ owner, action: { do: 'release', locks } }).letGo).toEqual([]);
      expect(world.see()).toEqual(seen);
    }),
    { numRuns: 300 },
  );
});

test('L7: a request that is taken back leaves no trace', () => {
  fc.assert(
    fc.property(history, requests, fc.integer({ min: -20, max: 19 }), (steps, wanted, priority) => {
      const world = new RealWorld();
      for (const step of steps) world.play(step);
      const before = world.see();
      const { queue, nowMs } = world;
      const waiter = queue.request(ownerId('newcomer'), wanted, nowMs, priority);
      if (waiter === undefined) return;
      expect(world.queue.withdraw(waiter, world.nowMs)).toEqual([]);
      expect(world.queue.waiterOf(ownerId('newcomer'))).toBeUndefined();
      expect(world.see()).toEqual(before);
    }),
    { numRuns: 300 },
  );
});

test('L8: waiters of one lock are served by urgency, then first come first served', () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 50 }),
      priority: fc.integer({ min: -3, max: 3 }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(arrivals, (waits) => {
      const world = new RealWorld();
      world.take('holder', 'exclusive');
      const due = waits.map(({ afterMs, priority }, order) => {
        world.nowMs += afterMs;
        world.take(`w${order}`, 'exclusive', priority);
        return { owner: `w${order}`, due: world.nowMs + priority * AGING_MS, order };
      });
      due.sort((a, b) => a.due - b.due || a.order - b.order);
      expect(serveAll(world)).toEqual(due.map(({ owner }) => owner));
    }),
  );
});

test('L8: a stream of shared requests does not hold up an exclusive one that came before', () => {
  const world = new RealWorld();
  world.take('s0', 'shared');
  world.take('x', 'exclusive');
  for (let at = 1; at < 20; at++) expect(world.take(`s${at}`, 'shared')).toBe('waits');
  expect(world.giveBack('s0')).toEqual(['x']);
  expect(world.giveBack('x')).toHaveLength(19);
});

test('L8: given urgent requests without end, the least urgent one goes at last', () => {
  const world = new RealWorld();
  world.take('holder', 'exclusive', -20);
  world.take('humble', 'exclusive', 19);
  let holder = 'holder';
  let served = 0;
  for (; holder !== 'humble'; served++) {
    world.nowMs += AGING_MS;
    world.take(`urgent${served}`, 'exclusive', -20);
    holder = world.giveBack(holder)[0] ?? '';
  }
  expect(served).toBe(39);
});

test('L8: who is inside a level goes on, whoever waits before it', () => {
  const world = new RealWorld();
  const ask = (owner: string, lock: LockName, mode: LockMode): Outcome['answer'] =>
    world.play({ owner, action: { do: 'acquire', requests: [{ lock, mode }], priority: 0 } })
      .answer;
  ask('reader', 'node/[lockset]', 'shared');
  ask('inside', 'node/a', 'shared');
  expect(ask('outside', 'node/[lockset]', 'exclusive')).toBe('waits');
  expect(ask('inside', 'node/b', 'exclusive')).toBe('waits');
  expect(world.giveBack('reader')).toEqual(['inside']);
  expect(world.giveBack('inside')).toEqual(['outside']);
});

test('L9: only an owner changes what it holds, and others only get what they wait for', () => {
  always(({ step: { owner }, outcome, before, after }) => {
    for (const other of OWNERS.filter((name) => name !== owner)) {
      if (!outcome.letGo.includes(other)) expect(after[other]).toEqual(before[other]);
      for (const [lock, mode] of before[other] ?? []) expect(after[other]?.get(lock)).toBe(mode);
    }
  });
});

test('L9: what an owner gives back while it waits does not come back with what it gets', () => {
  const world = new RealWorld();
  const act = (owner: string, action: Action): Outcome => world.play({ owner, action });
  const take = (owner: string, lock: LockName, mode: LockMode): Outcome['answer'] =>
    act(owner, { do: 'acquire', requests: [{ lock, mode }], priority: 0 }).answer;
  take('p', 'node/a', 'shared');
  take('r', 'node/b', 'exclusive');
  // Somebody before the level, so that the next request is not decided at its lock alone.
  expect(take('q', 'node/[lockset]', 'exclusive')).toBe('waits');
  expect(take('p', 'node/b', 'shared')).toBe('waits');
  act('p', { do: 'release', locks: ['node/a'] });
  act('q', { do: 'withdraw' });
  expect(world.giveBack('r')).toEqual(['p']);
  expect(world.queue.held(ownerId('p')).map(({ lock }) => lock)).toEqual(['node/b']);
});

test('L10: without those named a request is granted, without one less it is not', () => {
  const held = fc.array(fc.tuple(fc.constantFrom(...OWNERS), requests), { maxLength: 12 });
  const build = (takes: [string, LockRequest[]][], without: readonly string[]): Allocation => {
    const locks = new Allocation();
    for (const [owner, wanted] of takes) {
      if (locks.held(ownerId(owner)).length === 0) locks.request(ownerId(owner), wanted, 0);
    }
    for (const owner of without) locks.releaseAll(ownerId(owner));
    return locks;
  };
  fc.assert(
    fc.property(held, requests, (takes, wanted) => {
      const me = ownerId('me');
      const named = [
        ...new Set(
          build(takes, [])
            .request(me, wanted, 0)
            .map(({ owner }) => owner),
        ),
      ];
      expect(build(takes, named).request(me, wanted, 0)).toEqual([]);
      for (const spared of named) {
        const others = named.filter((owner) => owner !== spared);
        const left = build(takes, others).request(me, wanted, 0);
        expect(new Set(left.map(({ owner }) => owner))).toEqual(new Set([spared]));
      }
    }),
    { numRuns: 500 },
  );
});

test('L10: whoever waits has somebody in its way, and never itself', () => {
  always(({ world }) => {
    for (const waiter of world.queue.waiting()) {
      const owners = world.queue.blockers(waiter).map(({ owner }) => owner);
      expect(owners).not.toEqual([]);
      expect(owners).not.toContain(waiter.owner);
    }
  });
});

test('L11: downgrade and narrowing let go whoever does not clash any more', () => {
  always(({ step: { action }, world }) => {
    if (action.do !== 'downgrade' && action.do !== 'narrow') return;
    for (const waiter of world.queue.waiting()) {
      expect(world.queue.blockers(waiter)).not.toEqual([]);
    }
  });
});

test('L11: narrowing a whole set keeps the names, in its mode, and frees the rest', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('shared', 'exclusive'),
      fc.subarray(['a', 'b', 'c']),
      (mode, names) => {
        const world = new RealWorld();
        const step = (owner: string, action: Step['action']): Outcome =>
          world.play({ owner, action });
        const set: LockRequest = { lock: 'node/[lockset]', mode };
        step('p', { do: 'acquire', requests: [set], priority: 0 });
        const each = ['a', 'b', 'c'].map((name, at): string => {
          const lock: LockName = `node/${name}`;
          const owner = ['q', 'r', 's'][at] ?? '';
          step(owner, { do: 'acquire', requests: [{ lock, mode: 'exclusive' }], priority: 0 });
          return owner;
        });
        const { letGo } = step('p', { do: 'narrow', level: 'node', names });
        expect(world.queue.held(ownerId('p')).map((hold) => `${hold.mode} ${hold.lock}`)).toEqual(
          names.map((name) => `${mode} node/${name}`),
        );
        const free = each.filter((_, at) => !names.includes(['a', 'b', 'c'][at] ?? ''));
        expect(letGo).toEqual(free);
      },
    ),
  );
});

/** Checks each step of random histories, and the state at the end. */
function always(
  check: (moment: Moment) => void,
  atEnd: (world: RealWorld) => void = nothing,
): void {
  fc.assert(
    fc.property(history, (steps) => {
      const world = new RealWorld();
      const gaveBack = new Set<string>();
      for (const step of steps) {
        const before = holdsIn(world);
        const known = world.chosen.length;
        if (world.queue.waiterOf(ownerId(step.owner)) === undefined) gaveBack.delete(step.owner);
        else if (step.action.do !== 'pass') gaveBack.add(step.owner);
        const outcome = world.play(step);
        const chosen = world.chosen.slice(known);
        check({ step, outcome, before, after: holdsIn(world), chosen, gaveBack, world });
      }
      atEnd(world);
    }),
    { numRuns: 300 },
  );
}

function nothing(): void {}

function holdsIn(world: RealWorld): Holds {
  return Object.fromEntries(
    OWNERS.map((owner) => [
      owner,
      new Map(world.queue.held(ownerId(owner)).map(({ lock, mode }) => [lock, mode])),
    ]),
  );
}

function entries(holds: Holds): [string, LockName, string][] {
  return Object.entries(holds).flatMap(([owner, locks]) =>
    [...locks].map(([lock, mode]): [string, LockName, string] => [owner, lock, mode]),
  );
}

/** Lets owners of `node/a` finish one after the other; answers in which order waiters came. */
function serveAll(world: RealWorld): string[] {
  const served: string[] = [];
  for (let holder = 'holder'; ; ) {
    const [next] = world.giveBack(holder);
    if (next === undefined) return served;
    served.push(next);
    holder = next;
  }
}
