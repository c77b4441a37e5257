/**
 * Copies of disk files: invariants C1 and C2, with and without shared blocks.
 */
import { randomBytes } from 'node:crypto';
import {
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDescriptors, scratchDirectory } from '../process/scratch.js';
import { bytesOf } from '../transfers/random-bytes.js';
import { MIB, reasonOf, type Store, store } from './disks.js';
import { cannotShare, sharingFileSystem } from './sharing-file-system.js';
import { cannotMount, fileSystem } from './small-file-system.js';

const TEMPORARY = { temporary: true } as const;

/** A disk with bytes on it, and what a copy of it is asked for with. */
async function filled({ storage, disk, root }: Store, contents: Buffer) {
  const request = {
    disk: disk('disk', contents.length / MIB),
    snapshot: disk('disk.snap', contents.length / MIB, TEMPORARY),
  };
  expect(reasonOf(await storage.createDisk({ disk: request.disk }))).toBe('ok');
  writeFileSync(join(root, 'disk'), contents);
  return request;
}

test('should copy every byte, and leave holes where there are zeros', async () => {
  const opened = await store();
  const contents = Buffer.concat([bytesOf('a', MIB), Buffer.alloc(6 * MIB), bytesOf('b', MIB)]);
  const request = await filled(opened, contents);
  const before = await openDescriptors();
  const told: number[] = [];
  const onProgress = ({ fraction }: { fraction: number }): void => void told.push(fraction);
  expect(reasonOf(await opened.storage.snapshotDisk(request, { onProgress }))).toBe('ok');
  const path = join(opened.root, 'disk.snap');
  expect(readFileSync(path).equals(contents)).toBe(true);
  const { blocks, mode } = statSync(path);
  expect(blocks * 512).toBeLessThan(3 * MIB);
  expect(mode & 0o777).toBe(0o600);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(1);
  expect(await openDescriptors()).toBe(before);
  expect(readdirSync(opened.root).sort()).toEqual(['disk', 'disk.snap']);
});

test('should copy whatever a disk holds', async () => {
  const opened = await store();
  const QUARTER = MIB / 4;
  const stretch = fc.record({
    at: fc.nat({ max: MIB - 1 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: QUARTER }),
  });
  const request = await filled(opened, Buffer.alloc(MIB));
  await fc.assert(
    fc.asyncProperty(fc.array(stretch, { maxLength: 4 }), async (stretches) => {
      const contents = Buffer.alloc(MIB);
      for (const { at, bytes } of stretches) contents.set(bytes.subarray(0, MIB - at), at);
      writeFileSync(join(opened.root, 'disk'), contents);
      expect(reasonOf(await opened.storage.snapshotDisk(request))).toBe('ok');
      expect(readFileSync(join(opened.root, 'disk.snap')).equals(contents)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('given an older copy, then it is replaced, and stays if the new one fails', async () => {
  const opened = await store();
  const contents = bytesOf('new', MIB);
  const request = await filled(opened, contents);
  const path = join(opened.root, 'disk.snap');
  writeFileSync(path, 'older');
  const signal = AbortSignal.abort();
  expect(reasonOf(await opened.storage.snapshotDisk(request, { signal }))).toMatch(/^aborted/);
  expect(readFileSync(path, 'utf8')).toBe('older');
  expect(reasonOf(await opened.storage.snapshotDisk(request))).toBe('ok');
  expect(readFileSync(path).equals(contents)).toBe(true);
});

test('given a caller who gives up in the middle, then nothing is left of the copy', async () => {
  const opened = await store();
  const request = await filled(opened, bytesOf('long', 4 * MIB));
  const caller = new AbortController();
  const call = { signal: caller.signal, onProgress: () => caller.abort() };
  expect(reasonOf(await opened.storage.snapshotDisk(request, call))).toMatch(/^aborted/);
  expect(readdirSync(opened.root)).toEqual(['disk']);
});

test('given what a crash has left, then the next copy replaces it, and removal removes it', async () => {
  const opened = await store();
  const { storage, root } = opened;
  const request = await filled(opened, bytesOf('whole', MIB));
  writeFileSync(join(root, 'disk.snap.part'), 'half');
  expect(reasonOf(await storage.snapshotDisk(request))).toBe('ok');
  expect(readdirSync(root).sort()).toEqual(['disk', 'disk.snap']);
  for (const left of [['disk.snap', 'disk.snap.part'], ['disk.snap.part'], []]) {
    for (const name of left) writeFileSync(join(root, name), 'half');
    expect(reasonOf(await storage.removeDisk({ disk: request.snapshot }))).toBe('ok');
    expect(readdirSync(root)).toEqual(['disk']);
  }
});

test('given something else at the place of a copy, then it is not touched', async () => {
  const opened = await store();
  const { storage, root } = opened;
  const request = await filled(opened, bytesOf('x', MIB));
  const outside = join(await scratchDirectory(), 'victim');
  await writeFile(outside, 'precious');
  for (const name of ['disk.snap', 'disk.snap.part']) {
    await symlink(outside, join(root, name));
    expect(reasonOf(await storage.snapshotDisk(request))).toMatch(/a symbolic link, and was not/);
    expect(reasonOf(await storage.removeDisk({ disk: request.snapshot }))).toMatch(/symbolic link/);
    expect(lstatSync(join(root, name)).isSymbolicLink()).toBe(true);
    spare(root, name);
  }
  await mkdir(join(root, 'disk.snap'));
  expect(reasonOf(await storage.snapshotDisk(request))).toMatch(/no regular file, and was not/);
  expect(readFileSync(outside, 'utf8')).toBe('precious');
});

/** Takes it out of the way. */
function spare(root: string, name: string): void {
  const hidden = join(root, `.${name}`);
  renameSync(join(root, name), hidden);
}

test('given a bad request, then it is refused in words and nothing is made', async () => {
  const opened = await store();
  const { storage, root, disk } = opened;
  const request = await filled(opened, bytesOf('x', 2 * MIB));
  const onto = { ...request, snapshot: request.disk };
  expect(reasonOf(await storage.snapshotDisk(onto))).toMatch(/cannot lie where its disk lies/);
  const missing = { ...request, disk: disk('nothing', 2) };
  expect(reasonOf(await storage.snapshotDisk(missing))).toMatch(/no such file or directory/);
  const away = { ...request, snapshot: disk('../disk.snap', 2) };
  expect(reasonOf(await storage.snapshotDisk(away))).toMatch(/^not_authorised/);
  await truncate(join(root, 'disk'), MIB);
  const short = /its file has 1048576 bytes, and the disk 2097152/;
  expect(reasonOf(await storage.snapshotDisk(request))).toMatch(short);
  expect(readdirSync(root)).toEqual(['disk']);
});

test.skipIf(cannotMount !== undefined)(
  'given a file system that becomes full, then that is said and the copy is gone',
  async () => {
    const opened = await store({}, await fileSystem('tmpfs', 'size=20m'));
    const { storage, root } = opened;
    const request = await filled(opened, randomBytes(8 * MIB));
    const filler = join(root, 'filler');
    const onProgress = (): void => {
      if (!readdirSync(root).includes('filler')) writeFileSync(filler, Buffer.alloc(8 * MIB));
    };
    const full = /no space is left on the file system; free some space/;
    expect(reasonOf(await storage.snapshotDisk(request, { onProgress }))).toMatch(full);
    expect(readdirSync(root).sort()).toEqual(['disk', 'filler']);
    const early = /a copy needs 8 MiB, and 4 MiB are free there; free some space/;
    expect(reasonOf(await storage.snapshotDisk(request))).toMatch(early);
    expect(readdirSync(root).sort()).toEqual(['disk', 'filler']);
  },
);

test.skipIf(cannotShare !== undefined)(
  'given files that can share blocks, then a copy takes no room and keeps what it has',
  async () => {
    const opened = await store({}, sharingFileSystem());
    const contents = bytesOf('shared', 64 * MIB);
    const request = await filled(opened, contents);
    const path = join(opened.root, 'disk.snap');
    const before = statfsSync(opened.root).bavail;
    expect(reasonOf(await opened.storage.snapshotDisk(request))).toBe('ok');
    const { bavail, bsize } = statfsSync(opened.root);
    expect((before - bavail) * bsize).toBeLessThan(MIB);
    writeFileSync(join(opened.root, 'disk'), bytesOf('later', 64 * MIB));
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(opened.root).sort()).toEqual(['disk', 'disk.snap']);
  },
);
