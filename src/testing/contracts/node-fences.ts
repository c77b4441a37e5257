/**
 * The node port's promises about fences: commands of who has lost its locks are refused.
 */
import assert from 'node:assert/strict';
import type { LockMode, LockName } from '../../model/lock.js';
import type { LockFence } from '../../ports/fence.js';
import {
  type Check,
  type NodeChecks,
  type NodeRpcFixture,
  onlyDisk,
  payload,
  refused,
} from './node-world.js';

function fence(token: number, locks: Readonly<Record<string, LockMode>>): LockFence {
  return {
    token,
    compare: { key: 'locks/fence/contract', revision: token },
    locks: new Map(Object.entries(locks) as [LockName, LockMode][]),
  };
}

/** A command that leaves a trace, in the right of a fence; whether it was carried out. */
async function command(
  { rpc, node, runtime, storageDir, read }: NodeRpcFixture,
  right: LockFence | undefined,
): Promise<'done' | 'fenced'> {
  const disk = onlyDisk(runtime);
  payload(await rpc.createStorageDir(node, { path: storageDir }));
  const request = { disk, owner: runtime.instance.name, info: 'contract' };
  const call = right === undefined ? {} : { fence: right };
  const reply = await rpc.createDisk(node, request, call);
  const isThere = (await read(disk)) !== undefined;
  payload(await rpc.removeDisk(node, { disk }));
  payload(await rpc.removeStorageDir(node, { path: storageDir }));
  assert.equal(isThere, reply.ok, 'a refused command has done nothing');
  if (reply.ok) return 'done';
  refused(reply, 'fenced');
  return 'fenced';
}

async function outcomes(
  fixture: NodeRpcFixture,
  rights: readonly (LockFence | undefined)[],
): Promise<readonly string[]> {
  const said: string[] = [];
  for (const right of rights) said.push(await command(fixture, right));
  return said;
}

const stale: Check = async (fixture) => {
  const older = fence(11, { 'node/n1': 'exclusive', 'cluster/BGL': 'shared' });
  const newer = fence(12, { 'node/n1': 'exclusive', 'cluster/BGL': 'shared' });
  const other = fence(10, { 'node/n2': 'exclusive', 'cluster/BGL': 'shared' });
  const rights = [older, older, newer, older, other, newer, undefined];
  const expected = ['done', 'done', 'done', 'fenced', 'done', 'done', 'done'];
  assert.deepEqual(await outcomes(fixture, rights), expected);
};

const sharing: Check = async (fixture) => {
  const early = fence(21, { 'node/n1': 'shared', 'instance/a': 'exclusive' });
  const late = fence(23, { 'node/n1': 'shared', 'instance/b': 'exclusive' });
  const writer = fence(24, { 'node/n1': 'exclusive' });
  const between = fence(22, { 'node/n1': 'exclusive' });
  assert.deepEqual(await outcomes(fixture, [late, early, between, writer, late, early]), [
    'done',
    'done',
    'fenced',
    'done',
    'fenced',
    'fenced',
  ]);
};

const wholeSets: Check = async (fixture) => {
  const one = fence(31, { 'node/n1': 'exclusive' });
  const all = fence(32, { 'node/[lockset]': 'exclusive' });
  const after = fence(33, { 'node/n2': 'exclusive' });
  const elsewhere = fence(30, { 'node-res/n1': 'exclusive' });
  assert.deepEqual(await outcomes(fixture, [one, all, one, after, all, elsewhere]), [
    'done',
    'done',
    'fenced',
    'done',
    'fenced',
    'done',
  ]);
};

const onlyShared: Check = async (fixture) => {
  const locks = { 'node/n1': 'shared' } as const;
  const rights = [fence(41, locks), fence(42, locks), fence(41, locks)];
  assert.deepEqual(await outcomes(fixture, rights), ['done', 'done', 'fenced']);
};

const removals: Check = async (fixture) => {
  const { rpc, node, runtime } = fixture;
  const locks = { 'node/n1': 'exclusive' } as const;
  const disk = onlyDisk(runtime);
  await command(fixture, fence(52, locks));
  refused(await rpc.removeDisk(node, { disk }, { fence: fence(51, locks) }), 'fenced');
  payload(await rpc.removeDisk(node, { disk }, { fence: fence(53, locks) }));
};

/** What nodes that remember fences promise. */
export const FENCE_CHECKS: NodeChecks = {
  'given a fence that is older than another one for its lock, then the command is refused': stale,
  'given owners that share a lock, then they do not outdate each other': sharing,
  'given the lock of a whole level, then it counts for all locks of the level': wholeSets,
  'given an owner with shared locks that was taken over, then its past is refused': onlyShared,
  'given an outdated fence, then removals are refused as well': removals,
};
