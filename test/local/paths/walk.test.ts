/**
 * Reaching places below a root: invariants W1 and W2, also while somebody swaps links in.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { AllowedRoots } from '../../../src/local/paths/roots.js';
import { inParent, makeDirectory, requireBelow } from '../../../src/local/paths/walk.js';
import { openDescriptors, scratchDirectory } from '../process/scratch.js';

interface Place {
  readonly root: string;
  readonly outside: string;
  /** Makes a file at a place below the root. */
  make(...segments: string[]): Promise<void>;
}

async function place(): Promise<Place> {
  const base = await scratchDirectory();
  const root = join(base, 'root');
  const outside = join(base, 'outside');
  await mkdir(root);
  await mkdir(outside);
  const make = async (...segments: string[]): Promise<void> => {
    const placed = requireBelow(new AllowedRoots([root]).place(join(root, ...segments)));
    await inParent(placed, (directory, name) => writeFile(directory.at(name), 'x', { flag: 'wx' }));
  };
  return { root, outside, make };
}

test('should find the parent and leave nothing open', async () => {
  const { root, make } = await place();
  await mkdir(join(root, 'a/b'), { recursive: true });
  const before = await openDescriptors();
  await make('a', 'b', 'disk');
  await make('disk');
  await expect(make('a', 'missing', 'disk')).rejects.toThrow('ENOENT');
  await expect(make('disk', 'disk')).rejects.toThrow(/'disk' in it is no directory/);
  expect(await openDescriptors()).toBe(before);
  expect((await readdir(root, { recursive: true })).sort()).toEqual([
    'a',
    'a/b',
    'a/b/disk',
    'disk',
  ]);
});

test('given a symbolic link on the way, then the place is refused and named', async () => {
  const { root, outside, make } = await place();
  await mkdir(join(root, 'a'));
  await symlink(outside, join(root, 'a', 'link'));
  await symlink('..', join(root, 'up'));
  const before = await openDescriptors();
  await expect(make('a', 'link', 'disk')).rejects.toMatchObject({
    refused: { ok: false, path: join(root, 'a/link/disk'), root },
    message: expect.stringContaining("'link' in it is a symbolic link") as string,
  });
  await expect(make('up', 'disk')).rejects.toThrow(/symbolic link/);
  const placed = requireBelow(new AllowedRoots([root]).place(join(root, 'a/link/new')));
  await expect(makeDirectory(placed)).rejects.toThrow(/symbolic link/);
  expect(await openDescriptors()).toBe(before);
  expect(await readdir(outside)).toEqual([]);
});

test('given a root that is missing, a file, or leads into the system, then it is named', async () => {
  const { root, make } = await place();
  rmSync(root, { recursive: true });
  await expect(make('disk')).rejects.toThrow(/root' does not exist; make it/);
  await writeFile(root, '');
  await expect(make('disk')).rejects.toThrow(/is not a directory/);
  rmSync(root);
  symlinkSync('/etc', root);
  await expect(make('disk')).rejects.toThrow(/leads to '\/etc', which belongs to the system/);
});

test('should make directories for the owner only, and find those that exist', async () => {
  const { root } = await place();
  const placed = requireBelow(new AllowedRoots([root]).place(join(root, 'a/b/c')));
  await makeDirectory(placed);
  await makeDirectory(placed);
  expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(root, 'a/b/c'))).mode & 0o777).toBe(0o700);
  expect(() => requireBelow(new AllowedRoots([root]).place(root))).toThrow(/directory itself/);
});

/** Swaps a directory against a link that leads outside, as fast as it can. */
const SWAPPER = `
  const { renameSync } = require('node:fs');
  const { workerData: { spot, real, link, stop } } = require('node:worker_threads');
  const halt = new Int32Array(stop);
  for (let turn = 0; Atomics.load(halt, 0) === 0; turn += 1) {
    renameSync(spot, turn % 2 === 0 ? real : link);
    renameSync(turn % 2 === 0 ? link : real, spot);
    Atomics.add(halt, 1, 1);
  }
`;

test('given somebody who swaps a link in, then no file is ever made outside', async () => {
  const { root, outside, make } = await place();
  const [spot, real, link] = ['spot', 'real', 'link'].map((name) => join(root, name));
  mkdirSync(join(root, 'spot'));
  symlinkSync(outside, join(root, 'link'));
  const stop = new SharedArrayBuffer(8);
  const counts = new Int32Array(stop);
  const worker = new Worker(SWAPPER, { eval: true, workerData: { spot, real, link, stop } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  while (Atomics.load(counts, 1) === 0) await new Promise((resolve) => setImmediate(resolve));
  const refusals = new Set<string>();
  let made = 0;
  const bothOutcomes = (): boolean => made > 0 && refusals.has('UnsafePath');
  for (let round = 0; round < 300 || (!bothOutcomes() && round < 20_000); round += 1) {
    await make('spot', `disk${round}`).then(
      () => (made += 1),
      (error: Error) => refusals.add(error.name),
    );
  }
  Atomics.store(counts, 0, 1);
  await ended;
  expect(await readdir(outside)).toEqual([]);
  // The race was one: both outcomes occurred, and every file that was made is inside.
  expect(bothOutcomes()).toBe(true);
  expect(await filesInside(root)).toBe(made);
});

/** Files in the directory that was swapped, whatever it is called at the end. */
async function filesInside(root: string): Promise<number> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  return files.filter((entry) => entry.isFile()).length;
}
