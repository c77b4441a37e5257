/**
 * The locks' promises where several processes share them: how an owner proves that its locks are
 * still its own, what happens when a process loses its right to them, and who finishes what a dead
 * process has begun. Locks of a single process keep them by having nothing to say.
 */
import assert from 'node:assert/strict';
import type { LockName } from '../../model/lock.js';
import type { LockFence } from '../../ports/fence.js';
import { type OwnerId, ownerId } from '../../ports/lock-manager.js';
import { fails } from './fails.js';
import type { Check, LockWorld } from './lock-world.js';

const A: LockName = 'node/a';
const B: LockName = 'node/b';

/** Longer than any pause after a handler that failed. */
const LONG_MS = 120_000;

function fenceOf(world: LockWorld, owner: string): LockFence {
  const fence = world.manager.fence(ownerId(owner));
  assert.ok(fence !== undefined, `'${owner}' holds locks, so it has a fence`);
  return fence;
}

const fences: Check = async (world) => {
  const { shared, manager } = world;
  assert.equal(manager.fence(ownerId('p')), undefined, 'who holds nothing has no fence');
  await world.take('p', 'exclusive', [A]);
  if (shared === undefined) {
    assert.equal(manager.fence(ownerId('p')), undefined);
    return;
  }
  const first = fenceOf(world, 'p');
  assert.deepEqual([...first.locks], [[A, 'exclusive']]);
  assert.equal(await shared.holds(first.compare), true);
  await world.take('p', 'exclusive', [B, 'network/n']);
  const second = fenceOf(world, 'p');
  assert.ok(second.token > first.token, 'it grows with what is granted');
  await manager.narrow(ownerId('p'), 'network', []);
  await manager.downgrade(ownerId('p'), [A]);
  await world.giveBack('p', [B]);
  assert.equal(await shared.holds(second.compare), true, 'to have less changes nothing');
  assert.equal(fenceOf(world, 'p').token, second.token);
  assert.deepEqual([...fenceOf(world, 'p').locks], [[A, 'shared']]);
  const waits = await world.take('q', 'exclusive', [A]);
  await world.giveBack('p');
  assert.equal(waits.state, 'granted');
  assert.equal(manager.fence(ownerId('p')), undefined);
  assert.equal(await shared.holds(second.compare), false);
  assert.ok(fenceOf(world, 'q').token > second.token, 'the later owner has the larger token');
  assert.equal(await shared.holds(fenceOf(world, 'q').compare), true);
};

const renewal: Check = async (world) => {
  const { shared, manager } = world;
  await world.take('p', 'exclusive', [A]);
  if (shared === undefined) {
    await manager.renew(ownerId('p'));
    assert.equal(manager.fence(ownerId('p')), undefined);
    return;
  }
  const first = fenceOf(world, 'p');
  const renewing = manager.renew(ownerId('p'));
  await world.pass(0);
  await renewing;
  const second = fenceOf(world, 'p');
  assert.ok(second.token > first.token, 'it is another one');
  assert.equal(await shared.holds(first.compare), false, 'the former one is worth nothing');
  assert.equal(await shared.holds(second.compare), true);
  assert.deepEqual([...second.locks], [[A, 'exclusive']], 'what is held stays');
  await shared.lose();
  await world.pass(0);
  await assert.rejects(manager.renew(ownerId('p')), fails('LockLost'));
};

const loss: Check = async (world) => {
  const { shared, manager } = world;
  await world.take('p', 'exclusive', [A]);
  if (shared === undefined) {
    assert.equal(manager.lost, undefined);
    return;
  }
  const waits = await world.take('q', 'exclusive', [A], { timeoutMs: 1000 });
  assert.equal(manager.lost?.aborted, false);
  await shared.lose();
  await world.pass(0);
  assert.ok(fails('LockLost')(manager.lost?.reason));
  assert.ok(fails('LockLost')(waits.error), 'who waits waits no longer');
  const late = await world.take('r', 'shared', [B]);
  assert.ok(fails('LockLost')(late.error), 'nothing is granted any more');
  assert.deepEqual(world.held('p'), [], 'nobody may rely on anything');
  await world.giveBack('p');
  await manager.narrow(ownerId('p'), 'node', []);
  await manager.downgrade(ownerId('p'), [A]);
};

const takeOver: Check = async (world) => {
  const { shared, manager } = world;
  const called: OwnerId[] = [];
  let finish: () => void = () => undefined;
  const handler = (owner: OwnerId): Promise<void> => {
    called.push(owner);
    return new Promise((resolve) => (finish = resolve));
  };
  if (shared === undefined) {
    const stop = manager.takeOver(handler);
    await world.take('p', 'exclusive', [A]);
    stop();
    assert.deepEqual(called, []);
    return;
  }
  const before = await shared.orphan(ownerId('dead'), [A]);
  const waits = await world.take('q', 'exclusive', [A]);
  assert.equal(waits.state, 'waits', 'the locks of the dead stay taken');
  const stop = manager.takeOver(handler);
  await world.pass(0);
  assert.deepEqual(called, ['dead']);
  assert.deepEqual(world.held('dead'), ['exclusive node/a']);
  assert.ok(fenceOf(world, 'dead').token > before.token);
  assert.equal(await shared.holds(before.compare), false, 'the dead can write no more');
  assert.equal(waits.state, 'waits', 'it is not finished');
  finish();
  await world.pass(0);
  assert.equal(waits.state, 'granted');
  stop();
  await shared.orphan(ownerId('later'), [B]);
  await world.pass(LONG_MS);
  assert.deepEqual(called, ['dead'], 'whoever has ended it is not called');
};

const takeOverAgain: Check = async (world) => {
  const { shared, manager } = world;
  if (shared === undefined)
    return assert.equal(typeof manager.takeOver(async () => {}), 'function');
  await shared.orphan(ownerId('dead'), [A]);
  let calls = 0;
  manager.takeOver(async () => {
    if (++calls === 1) throw new Error('not yet');
  });
  await world.pass(0);
  assert.equal(calls, 1);
  const waits = await world.take('q', 'exclusive', [A]);
  assert.equal(waits.state, 'waits', 'what is not finished stays locked');
  await world.pass(LONG_MS);
  assert.equal(calls, 2);
  assert.equal(waits.state, 'granted');
};

/** Promises by what they say. */
export const FENCE_CHECKS: Readonly<Record<string, Check>> = {
  'a fence proves that an owner has its locks still, and grows': fences,
  'a fence that is renewed makes those given before worthless': renewal,
  'a process that has lost its locks is granted nothing and takes nothing back': loss,
  'what a dead process has begun is finished once, by whoever asks for it': takeOver,
  'what could not be finished stays locked and is tried again': takeOverAgain,
};
