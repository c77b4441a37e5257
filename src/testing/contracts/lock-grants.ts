/**
 * The locks' promises about who may hold what.
 */
import assert from 'node:assert/strict';
import type { LockMode, LockName } from '../../model/lock.js';
import { type LockUnit, ownerId } from '../../ports/lock-manager.js';
import { fails } from './fails.js';
import type { Check, LockWorld } from './lock-world.js';

const A: LockName = 'node/a';
const B: LockName = 'node/b';
const SET: LockName = 'node/[lockset]';
const UNITS: readonly LockUnit[] = [
  ['node/a', 'node-res/a'],
  ['node/b', 'node-res/b'],
];

/** Whether a newcomer would be granted a lock now. */
async function isFree(world: LockWorld, mode: LockMode, lock: LockName): Promise<boolean> {
  const { state } = await world.take('probe', mode, [lock], { timeoutMs: 0 });
  await world.giveBack('probe');
  return state === 'granted';
}

const modes: Check = async (world) => {
  await world.take('p', 'shared', [A]);
  assert.equal(await isFree(world, 'shared', A), true);
  assert.equal(await isFree(world, 'exclusive', A), false);
  await world.giveBack('p');
  await world.take('p', 'exclusive', [A]);
  assert.equal(await isFree(world, 'shared', A), false);
  assert.equal(await isFree(world, 'exclusive', A), false);
  assert.equal(await isFree(world, 'exclusive', B), true);
  assert.equal(await isFree(world, 'exclusive', 'node-res/a'), true, 'levels are apart');
};

const wholeSets: Check = async (world) => {
  await world.take('p', 'exclusive', [SET]);
  assert.equal(await isFree(world, 'shared', 'node/not-made-yet'), false);
  assert.equal(await isFree(world, 'exclusive', 'node-res/a'), true);
  await world.giveBack('p');
  await world.take('p', 'shared', [SET]);
  assert.equal(await isFree(world, 'shared', A), true);
  assert.equal(await isFree(world, 'exclusive', 'node/not-made-yet'), false);
  await world.giveBack('p');
  await world.take('p', 'shared', [A]);
  assert.equal(await isFree(world, 'shared', SET), true);
  assert.equal(await isFree(world, 'exclusive', SET), false);
};

const wholly: Check = async (world) => {
  await world.take('p', 'exclusive', [B]);
  const attempt = await world.take('q', 'exclusive', [B, A, A]);
  assert.equal(attempt.state, 'waits');
  assert.deepEqual(world.held('q'), [], 'not even what is free');
  await world.giveBack('p');
  assert.equal(attempt.state, 'granted');
  assert.deepEqual(world.held('q'), ['exclusive node/a', 'exclusive node/b']);
};

const order: Check = async (world) => {
  await world.take('p', 'shared', [B]);
  const wrong: readonly (readonly [LockMode, LockName])[] = [
    ['shared', A],
    ['exclusive', B],
    ['shared', SET],
    ['shared', 'instance/i'],
  ];
  for (const [mode, lock] of wrong) {
    const { state, error } = await world.take('p', mode, [lock]);
    assert.equal(state, 'failed', lock);
    assert.ok(fails('LockOrderError')(error));
  }
  assert.deepEqual(world.held('p'), ['shared node/b'], 'a refusal changes nothing');
  assert.equal((await world.take('p', 'exclusive', ['node/c', 'network/n'])).state, 'granted');
  await world.giveBack('p');
  await world.take('q', 'shared', [SET]);
  const part = await world.take('q', 'exclusive', [A]);
  assert.ok(fails('LockOrderError')(part.error), 'exclusive on top of a shared set');
};

const again: Check = async (world) => {
  await world.take('p', 'exclusive', [A, B]);
  for (const mode of ['exclusive', 'shared'] as const) {
    assert.equal((await world.take('p', mode, [A])).state, 'granted');
  }
  assert.deepEqual(world.held('p'), ['exclusive node/a', 'exclusive node/b']);
  await world.take('q', 'exclusive', ['node-res/[lockset]']);
  assert.equal((await world.take('q', 'exclusive', ['node-res/a'])).state, 'granted');
};

const opportunistic: Check = async (world) => {
  await world.take('p', 'exclusive', ['node-res/b']);
  const some = await world.choose('q', 'exclusive', UNITS, { atLeast: 1 });
  assert.deepEqual([some.state, some.units], ['granted', [UNITS[0]]]);
  assert.deepEqual(world.held('q'), ['exclusive node/a', 'exclusive node-res/a']);
  await world.giveBack('q');
  const both = await world.choose('q', 'exclusive', UNITS, { atLeast: 2 });
  assert.equal(both.state, 'waits');
  assert.deepEqual(world.held('q'), []);
  await world.giveBack('p');
  assert.deepEqual([both.state, both.units], ['granted', UNITS]);
  const absurd = await world.choose('r', 'exclusive', UNITS, { atLeast: 3 });
  assert.ok(fails('ProgrammerError')(absurd.error));
};

const release: Check = async (world) => {
  await world.take('p', 'exclusive', [A, B]);
  await world.giveBack('p', [A, 'network/never']);
  assert.deepEqual(world.held('p'), ['exclusive node/b']);
  await world.giveBack('q', [B]);
  assert.deepEqual(world.held('p'), ['exclusive node/b'], 'only an owner gives its locks back');
  await world.giveBack('p');
  await world.giveBack('p');
  assert.deepEqual(world.held('p'), []);
  assert.equal(await isFree(world, 'exclusive', B), true);
};

const narrow: Check = async (world) => {
  await world.take('p', 'exclusive', [SET, 'node-res/a']);
  const [a, c] = [
    await world.take('q', 'exclusive', [A]),
    await world.take('r', 'exclusive', ['node/c']),
  ];
  await world.manager.narrow(ownerId('p'), 'node', ['b', 'a']);
  await world.pass(0);
  assert.deepEqual([a.state, c.state], ['waits', 'granted']);
  const kept = ['exclusive node/a', 'exclusive node/b', 'exclusive node-res/a'];
  assert.deepEqual(world.held('p'), kept);
  await world.manager.narrow(ownerId('p'), 'node', ['b', 'not-held']);
  await world.pass(0);
  assert.equal(a.state, 'granted');
  assert.deepEqual(world.held('p'), kept.slice(1));
};

const downgrade: Check = async (world) => {
  await world.take('p', 'exclusive', [A, B]);
  const shared = await world.take('q', 'shared', [A]);
  const exclusive = await world.take('r', 'exclusive', [B]);
  await world.manager.downgrade(ownerId('p'), [A, B, 'node/not-held']);
  await world.pass(0);
  assert.deepEqual(world.held('p'), ['shared node/a', 'shared node/b']);
  assert.deepEqual([shared.state, exclusive.state], ['granted', 'waits']);
};

/** Promises by what they say. */
export const GRANT_CHECKS: Readonly<Record<string, Check>> = {
  'exclusive excludes all others, shared excludes exclusive': modes,
  'a whole set stands for its members, future ones too, and they for it': wholeSets,
  'a request is granted as a whole or not at all': wholly,
  'what lies below or on top of what one holds is refused': order,
  'to ask again for what one holds is harmless': again,
  'an opportunistic request gets whole units, as many as are free, if they are enough':
    opportunistic,
  'giving back always succeeds, twice is harmless, and it is for the owner alone': release,
  'narrowing a whole set leads to its members without a gap': narrow,
  'downgrading lets in those who share': downgrade,
};
