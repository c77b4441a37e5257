/**
 * The locks' promises about waiting: its order, its ends, and what can be seen of it.
 */
import assert from 'node:assert/strict';
import { LockTimeout, LuError } from '../../errors.js';
import type { LockName } from '../../model/lock.js';
import { ownerId } from '../../ports/lock-manager.js';
import { fails } from './fails.js';
import type { Attempt, Check, LockWorld } from './lock-world.js';

const A: LockName = 'node/a';
const B: LockName = 'node/b';
const SET: LockName = 'node/[lockset]';
const HALF_AN_HOUR_MS = 1_800_000;

/** Who gets `node/a`, if each owner gives it back as soon as it has it. */
async function served(world: LockWorld, first: string): Promise<string[]> {
  const names: string[] = [];
  for (let owner: string | undefined = first; owner !== undefined; ) {
    await world.giveBack(owner);
    const { locks } = await world.manager.explain();
    owner = locks.find(({ name }) => name === A)?.owner[0]?.owner;
    if (owner !== undefined) names.push(owner);
  }
  return names;
}

const inTurn: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  for (const owner of ['q', 'r', 's']) await world.take(owner, 'exclusive', [A]);
  assert.deepEqual(await served(world, 'p'), ['q', 'r', 's']);
};

const urgency: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  await world.take('low', 'exclusive', [A], { priority: 10 });
  await world.take('normal', 'exclusive', [A]);
  await world.take('high', 'exclusive', [A], { priority: -10 });
  assert.deepEqual(await world.waiting(), ['high', 'normal', 'low']);
  assert.deepEqual(await served(world, 'p'), ['high', 'normal', 'low']);
};

const aging: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  await world.take('old', 'exclusive', [A], { priority: 1 });
  await world.pass(2 * HALF_AN_HOUR_MS);
  await world.take('new', 'exclusive', [A]);
  assert.deepEqual(await served(world, 'p'), ['old', 'new']);
};

const noOvertaking: Check = async (world) => {
  await world.take('p', 'shared', [A]);
  const exclusive = await world.take('q', 'exclusive', [A]);
  const shared = await world.take('r', 'shared', [A]);
  assert.deepEqual([exclusive.state, shared.state], ['waits', 'waits']);
  await world.giveBack('p');
  assert.deepEqual([exclusive.state, shared.state], ['granted', 'waits']);
  await world.giveBack('q');
  assert.equal(shared.state, 'granted');
};

const noRing: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  const all = await world.take('all', 'exclusive', [SET]);
  const both = await world.take('both', 'exclusive', [A, B]);
  assert.equal((await world.take('p', 'exclusive', [B])).state, 'granted', 'it goes on');
  await world.giveBack('p');
  assert.deepEqual([all.state, both.state], ['granted', 'waits']);
  await world.giveBack('all');
  assert.equal(both.state, 'granted');
};

const timeout: Check = async (world) => {
  await world.take('p', 'shared', [A]);
  const late = await world.take('q', 'exclusive', [A], { timeoutMs: 1000 });
  const behind = await world.take('r', 'shared', [A]);
  await world.pass(999);
  assert.deepEqual([late.state, behind.state], ['waits', 'waits']);
  await world.pass(1);
  assert.ok(late.error instanceof LuError && late.error.name === 'LockTimeout');
  assert.deepEqual(blockersOf(late), [['node/a', 'p']]);
  assert.equal(behind.state, 'granted', 'who waited behind it goes on');
  assert.deepEqual(await world.waiting(), []);
  await world.giveBack('p');
  await world.giveBack('r');
  assert.deepEqual(world.held('q'), []);
};

const notAtAll: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  const attempt = await world.take('q', 'exclusive', [A, B], { timeoutMs: 0 });
  assert.ok(fails('LockTimeout')(attempt.error));
  assert.equal(attempt.blockers, undefined, 'it did not wait');
  assert.deepEqual([world.held('q'), await world.waiting()], [[], []]);
};

const abort: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  const stop = new AbortController();
  const attempt = await world.take('q', 'exclusive', [A], { signal: stop.signal });
  const behind = await world.take('r', 'exclusive', [A]);
  stop.abort(new Error('enough'));
  await world.pass(0);
  assert.ok(fails('Cancelled')(attempt.error));
  await world.giveBack('p');
  assert.equal(behind.state, 'granted');
  assert.deepEqual(world.held('q'), []);
  const free = await world.take('q', 'exclusive', [B], { signal: stop.signal });
  assert.ok(fails('Cancelled')(free.error), 'who was cancelled before takes nothing');
  assert.deepEqual(world.held('q'), []);
};

const abortTooLate: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  const stop = new AbortController();
  const attempt = await world.take('q', 'exclusive', [A], { signal: stop.signal });
  await world.giveBack('p');
  stop.abort();
  await world.pass(0);
  assert.equal(attempt.state, 'granted');
  assert.deepEqual(world.held('q'), ['exclusive node/a']);
};

const givenUp: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  const attempt = await world.take('q', 'exclusive', [A]);
  await world.giveBack('q');
  assert.ok(fails('Cancelled')(attempt.error));
  await world.giveBack('p');
  assert.deepEqual(world.held('q'), []);
};

const oneAtATime: Check = async (world) => {
  await world.take('p', 'exclusive', [A]);
  const first = await world.take('q', 'exclusive', [A]);
  const second = await world.take('q', 'exclusive', [B]);
  assert.ok(fails('ProgrammerError')(second.error));
  await world.giveBack('p');
  assert.equal(first.state, 'granted');
};

const blockers: Check = async (world) => {
  await world.take('p', 'shared', [A]);
  await world.pass(5);
  await world.take('q', 'shared', [A]);
  const first = await world.take('r', 'exclusive', [A]);
  assert.deepEqual(first.blockers?.map(({ owner }) => owner).sort(), ['p', 'q']);
  const second = await world.take('s', 'shared', [A]);
  assert.deepEqual(
    second.blockers?.map(({ owner }) => owner),
    ['r'],
    'it waits, but goes first',
  );
  const free = await world.take('t', 'shared', [B]);
  assert.equal(free.blockers, undefined);
};

const explained: Check = async (world) => {
  await world.pass(10);
  const heldMs = world.clock.monotonic();
  await world.take('p', 'shared', [B]);
  await world.pass(5);
  const waitedMs = world.clock.monotonic();
  await world.take('q', 'exclusive', [B], { priority: -3 });
  await world.choose('r', 'exclusive', [[B]], { atLeast: 1 });
  const { locks, pending } = await world.manager.explain();
  assert.deepEqual(locks, [
    { name: B, mode: 'shared', owner: [{ owner: ownerId('p'), sinceMs: heldMs }] },
  ]);
  const wants = [{ lock: B, mode: 'exclusive' as const }];
  const p = { lock: B, owner: ownerId('p'), sinceMs: heldMs };
  const q = { lock: B, owner: ownerId('q'), sinceMs: waitedMs };
  const since = { sinceMs: waitedMs, wants };
  assert.deepEqual(pending, [
    { owner: ownerId('q'), priority: -3, ...since, blockers: [p] },
    { owner: ownerId('r'), priority: 0, ...since, atLeast: 1, blockers: [p, q] },
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify({ locks, pending })), { locks, pending });
};

const nonsense: Check = async (world) => {
  const odd = [
    await world.take('p', 'shared', ['node/']),
    await world.take('p', 'shared', ['nodes/a' as LockName]),
    await world.take('p', 'shared', [A], { priority: 20 }),
    await world.take('p', 'shared', [A], { timeoutMs: -1 }),
    await world.choose('p', 'shared', [[A]], { atLeast: 0 }),
    await world.choose('p', 'shared', [[A], []], { atLeast: 1 }),
  ];
  for (const { error } of odd) assert.ok(fails('ProgrammerError')(error));
  assert.deepEqual(world.held('p'), []);
};

function blockersOf({ error }: Attempt): [string, string][] {
  assert.ok(error instanceof LockTimeout);
  return error.blockers.map(({ lock, owner }) => [lock, owner]);
}

/** Promises by what they say. */
export const WAIT_CHECKS: Readonly<Record<string, Check>> = {
  'who comes first is served first': inTurn,
  'the more urgent is served first': urgency,
  'who has waited long enough goes before the more urgent': aging,
  'shared requests do not overtake an exclusive one that waits': noOvertaking,
  'who holds something is never held up by those who wait for it': noRing,
  'a request that times out is gone, and names who was in the way': timeout,
  'a request may refuse to wait': notAtAll,
  'a request that is aborted is gone': abort,
  'an abort after the grant changes nothing': abortTooLate,
  'who gives everything back waits no longer': givenUp,
  'an owner has one request at a time': oneAtATime,
  'who has to wait is told for whom': blockers,
  'it can be asked who holds what and who waits for whom': explained,
  'requests that make no sense are refused': nonsense,
};
