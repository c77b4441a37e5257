/**
 * From what an LU wants to locks held, level by level, and what its phases see of them.
 */
import { expect, test } from 'vitest';
import { HeldByOwner } from '../../src/locks/held.js';
import { MemoryLockManager } from '../../src/locks/manager.js';
import {
  adding,
  available,
  everyone,
  exclusive,
  type LockPlan,
  type LockWant,
  shared,
} from '../../src/locks/plan.js';
import { LockResolver } from '../../src/locks/resolver.js';
import type { PlannedLevel } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const NODES = ['n1', 'n2', 'n3'];

test('given names, when taken, then these and the ones about to be created are held', async () => {
  const world = setUp();
  await world.take('instance', adding('web2'));
  await world.take('node', shared('n2', 'n1'));
  expect(world.locks()).toEqual(['exclusive instance/web2', 'shared node/n1', 'shared node/n2']);
  await world.other('instance/web2');
  expect(world.waiting()).toEqual(['other']);
});

test('given a whole level, when looked at, then it shows the objects that exist', async () => {
  const world = setUp();
  await world.take('node', everyone('exclusive'));
  expect(world.locks()).toEqual(['exclusive node/[lockset]']);
  expect(world.held.at('node')).toEqual(new Set(NODES));
  world.nodes.push('n4');
  expect(world.held.at('node')).toEqual(new Set([...NODES, 'n4']));
  expect(world.held.at('instance')).toEqual(new Set());
});

test('given a whole level, when narrowed, then just these names are held', async () => {
  const world = setUp();
  await world.take('node', everyone('shared'));
  world.held.keepOnly('node', ['n3', 'n1']);
  expect(world.locks()).toEqual(['shared node/n1', 'shared node/n3']);
  world.held.keepOnly('node', ['n1', 'never-held']);
  expect(world.locks()).toEqual(['shared node/n1']);
  world.held.keepOnly('node', []);
  expect(world.locks()).toEqual([]);
});

test('given opportunism, when some nodes are busy, then the free ones are held', async () => {
  const world = setUp();
  await world.other('node/n2');
  await world.take('node', available('exclusive', 2));
  expect(world.held.at('node')).toEqual(new Set(['n1', 'n3']));
});

test('given opportunism on nodes and resources, then both or none is taken', async () => {
  const world = setUp({ 'node-res': 'deferred' });
  await world.other('node-res/n2');
  await world.take('node', available('exclusive'));
  expect(world.held.at('node')).toEqual(new Set(['n1', 'n3']));
  expect(world.held.at('node-res')).toEqual(new Set(['n1', 'n3']));
  await world.take('node-res', exclusive(...world.held.at('node')));
  expect(world.held.at('node-res')).toEqual(new Set(['n1', 'n3']));
});

test('given coupled levels, when fewer are declared, then the others are free', async () => {
  const world = setUp({ 'node-res': 'deferred' });
  await world.take('node', available('shared'));
  await world.take('node-res', shared('n1'));
  expect(world.locks()).toEqual([
    'shared node/n1',
    'shared node/n2',
    'shared node/n3',
    'shared node-res/n1',
  ]);
});

test('given coupled levels, when both choose, then the first has taken both', async () => {
  const want = available('exclusive');
  const world = setUp({ node: want, 'node-res': want });
  await world.other('node-res/n2');
  await world.take('node', want);
  await world.take('node-res', want);
  expect(world.held.at('node-res')).toEqual(world.held.at('node'));
  expect(world.waiting()).toEqual([]);
});

test('given opportunism on nodes alone, then busy resources do not matter', async () => {
  const world = setUp();
  await world.other('node-res/n2');
  await world.take('node', available('exclusive'));
  expect(world.held.at('node')).toEqual(new Set(NODES));
});

test('given candidates, when taken, then others are left alone, and twice is once', async () => {
  const world = setUp();
  await world.take('node', available('exclusive', 1, ['n3', 'n3']));
  expect(world.held.at('node')).toEqual(new Set(['n3']));
});

test('given fewer candidates than needed, then it is refused', async () => {
  const world = setUp();
  await expect(world.take('node', available('exclusive', 4))).rejects.toMatchObject({
    code: 'insufficient_resources',
    message:
      '4 locks of level node are needed, but there are only 3 candidates; ' +
      'ask for fewer, or allow more',
  });
});

test('given exclusive names, when downgraded, then they are shared', async () => {
  const world = setUp();
  await world.take('node', exclusive('n1', 'n2'));
  world.held.downgrade('node', ['n1', 'never-held']);
  expect(world.locks()).toEqual(['shared node/n1', 'exclusive node/n2']);
  world.held.downgrade('node');
  expect(world.locks()).toEqual(['shared node/n1', 'shared node/n2']);
});

test('given a whole level, when downgraded, then only as a whole', async () => {
  const world = setUp();
  await world.take('node', everyone('exclusive'));
  expect(() => world.held.downgrade('node', ['n1'])).toThrow('n1 cannot be made shared alone');
  world.held.downgrade('node');
  expect(world.locks()).toEqual(['shared node/[lockset]']);
});

interface World {
  readonly held: HeldByOwner;
  /** The nodes that exist. */
  readonly nodes: string[];
  take(level: PlannedLevel, want: LockWant): Promise<void>;
  /** Somebody else asks for a lock, exclusively. */
  other(lock: `${PlannedLevel}/${string}`): Promise<void>;
  /** What is held by the one in question, as `mode lock`. */
  locks(): string[];
  waiting(): string[];
}

function setUp(plan: LockPlan = {}): World {
  const manager = new MemoryLockManager({ clock: new ManualClock() });
  const owner = ownerId('me');
  const nodes = [...NODES];
  const known = (level: PlannedLevel): readonly string[] => (level === 'instance' ? [] : nodes);
  const resolver = new LockResolver(manager, owner, known);
  return {
    held: new HeldByOwner(manager, owner, known),
    nodes,
    take: (level, want) => resolver.take(level, want, plan),
    other: async (lock) => void manager.acquire(ownerId('other'), [{ lock, mode: 'exclusive' }]),
    locks: () => [...manager.held(owner)].map(([lock, mode]) => `${mode} ${lock}`),
    waiting: () => manager.explain().pending.map((each) => each.owner),
  };
}
