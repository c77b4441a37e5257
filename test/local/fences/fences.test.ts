/**
 * Commands of control planes that have lost their locks, at this machine: what the contract of the
 * node port cannot ask, since it knows of no directories and no second process.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FenceGuard } from '../../../src/local/fences/fence-guard.js';
import { TokenFiles } from '../../../src/local/fences/token-files.js';
import type { LockMode, LockName } from '../../../src/model/lock.js';
import type { LockFence } from '../../../src/ports/fence.js';
import { answered, failed, type Reply } from '../../../src/ports/reply.js';
import { openNode } from '../node/lab.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lu-fences-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

type Locks = Readonly<Record<string, LockMode>>;

function fence(token: number, locks: Locks): LockFence {
  const held = new Map(Object.entries(locks) as [LockName, LockMode][]);
  return { token, compare: { key: 'locks/fence/job', revision: token }, locks: held };
}

/** Whether a guard lets a command through. */
async function passes(guard: FenceGuard, token: number, locks: Locks): Promise<boolean> {
  const { signal } = new AbortController();
  const about = { fence: fence(token, locks), doing: 'the disk cannot be made', signal };
  const reply = await guard.run(about, () => Promise.resolve(answered(undefined)));
  if (!reply.ok) expect(reply.failure).toBe('fenced');
  return reply.ok;
}

const WEB1 = { 'instance/web1': 'exclusive', 'cluster/BGL': 'shared' } as const;

test('given a node that was restarted, then it still refuses what it had outdated', async () => {
  const lab = await openNode();
  try {
    const [disk] = lab.runtime.disks;
    if (disk === undefined) throw new Error('the lab has a disk');
    const remove = (token: number) =>
      lab.rpc.removeDisk(lab.node, { disk }, { fence: fence(token, WEB1) });
    expect((await remove(7)).ok).toBe(true);

    const next = new FenceGuard(join(lab.dir, 'log', '.fences'));

    expect(await passes(next, 6, WEB1)).toBe(false);
    expect(await passes(next, 7, WEB1)).toBe(true);
    const refused = await remove(5);
    expect(refused).toMatchObject({
      failure: 'fenced',
      message: expect.stringMatching(
        /instance\/web1 .* token is 5, and 7 was seen.*\.fences/,
      ) as string,
    });
  } finally {
    await lab.dispose();
  }
});

test('given two processes that work on this machine, then each refuses what the other has outdated', async () => {
  const guards = [new FenceGuard(dir), new FenceGuard(dir)] as const;
  expect(await passes(guards[0], 3, WEB1)).toBe(true);
  expect(await passes(guards[1], 4, WEB1)).toBe(true);
  expect(await passes(guards[0], 3, WEB1)).toBe(false);
  // All at once: the largest goes through, whoever comes first, and nothing older does afterwards.
  const tokens = Array.from({ length: 20 }, (_, n) => 10 + n);
  await Promise.all(tokens.map((token) => passes(guards[token % 2 === 0 ? 0 : 1], token, WEB1)));
  expect(await passes(guards[0], 28, WEB1)).toBe(false);
  expect(await passes(guards[1], 29, WEB1)).toBe(true);
  const files = (await readdir(dir)).filter((name) => name.startsWith('instance'));
  expect(files, 'older tokens of a lock are not kept').toHaveLength(1);
});

test('given a command without a fence, then nothing is asked and nothing is written', async () => {
  const lab = await openNode();
  try {
    const { storageDir: path, node } = lab;
    expect((await lab.rpc.createStorageDir(node, { path })).ok).toBe(true);
    const info = await lab.rpc.nodeInfo([node], { storage: [] }, { fence: fence(1, WEB1) });
    expect(info.get(node)?.ok).toBe(true);
    expect(await readdir(join(lab.dir, 'log'))).not.toContain('.fences');
  } finally {
    await lab.dispose();
  }
});

test('given a command under way, when a newer one comes for its lock, then it is stopped and has ended before', async () => {
  const guard = new FenceGuard(dir);
  const story: string[] = [];
  const { signal } = new AbortController();
  const long = guard.run(
    { fence: fence(1, WEB1), doing: 'the disk cannot be wiped', signal },
    (stop) =>
      new Promise<Reply<void>>((resolve) => {
        story.push('wiping');
        stop.addEventListener('abort', () => {
          story.push('stopped');
          setImmediate(() => {
            story.push('ended');
            resolve(failed('stopped', 'aborted'));
          });
        });
      }),
  );
  const other = { 'instance/web2': 'exclusive', 'cluster/BGL': 'shared' } as const;
  expect(await passes(guard, 2, other)).toBe(true);
  expect(story).toEqual(['wiping']);

  const newer = await guard.run({ fence: fence(3, WEB1), doing: '', signal }, () => {
    story.push('newer');
    return Promise.resolve(answered(undefined));
  });

  expect(newer.ok).toBe(true);
  expect(await long).toMatchObject({ failure: 'aborted' });
  expect(story).toEqual(['wiping', 'stopped', 'ended', 'newer']);
});

test('given a directory that cannot be written, then the command fails, and is not carried out', async () => {
  const lab = await openNode(undefined, { fencesDir: '/dev/null/fences' });
  try {
    const { node, storageDir: path } = lab;
    const reply = await lab.rpc.createStorageDir(node, { path }, { fence: fence(1, WEB1) });
    expect(reply.ok).toBe(false);
    await expect(readdir(path)).rejects.toThrow('ENOENT');
  } finally {
    await lab.dispose();
  }
});

test('given thousands of locks, then few files are kept, and what was outdated stays so', async () => {
  const files = new TokenFiles(dir);
  const many = Array.from({ length: 2100 }, (_, n) => ({
    level: 'instance',
    name: n.toString(16).padStart(32, '0'),
    mode: 'exclusive' as const,
  }));
  const tokenOf = (n: number): number => 100 + Math.floor(n / 100);
  for (let n = 0; n < many.length; n += 100) await files.write(many.slice(n, n + 100), tokenOf(n));

  await files.prune(await files.read());

  expect((await readdir(dir)).length).toBeLessThan(1100);
  const { seen } = await files.read();
  const refused = many.filter((lock, n) => seen.outdates([lock], tokenOf(n) - 1) !== undefined);
  expect(refused).toHaveLength(many.length);
  const last = many.at(-1);
  expect(last && seen.outdates([last], tokenOf(many.length - 1))).toBeUndefined();
});

/** Owners as a lock manager serves them: of two with clashing locks the later has more. */
const MODES: fc.Arbitrary<LockMode> = fc.constantFrom('shared', 'exclusive');
const LOCK = fc.constantFrom('node/n1', 'node/n2', 'node/[lockset]', 'instance/a');

test('given any series of owners one after the other, then none is refused, and all that clash with a later one are', async () => {
  const owners = fc.array(fc.dictionary(LOCK, MODES, { minKeys: 1, maxKeys: 3 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(owners, async (series) => {
      const own = await mkdtemp(join(dir, 'run-'));
      const guard = new FenceGuard(own);
      for (const [at, locks] of series.entries()) {
        expect(await passes(guard, at + 1, locks)).toBe(true);
      }
      for (const [at, locks] of series.entries()) {
        const isOutdated = series.slice(at + 1).some((later) => clash(locks, later));
        const isOwn = !Object.values(locks).includes('exclusive');
        const isRetaken = series
          .slice(at + 1)
          .some((later) => !Object.values(later).includes('exclusive'));
        const isRefused = isOutdated || (isOwn && isRetaken);
        expect(await passes(guard, at + 1, locks), JSON.stringify(series)).toBe(!isRefused);
      }
    }),
    { seed: Number(process.env['SEED']), numRuns: 60 },
  );
});

function clash(one: Locks, other: Locks): boolean {
  return Object.entries(one).some(([lock, mode]) =>
    Object.entries(other).some(([name, otherMode]) => {
      const isSame = lock === name || sameLevelSet(lock, name) || sameLevelSet(name, lock);
      return isSame && (mode === 'exclusive' || otherMode === 'exclusive');
    }),
  );
}

function sameLevelSet(set: string, name: string): boolean {
  return set === `${name.split('/')[0]}/[lockset]`;
}
