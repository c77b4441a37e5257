/**
 * Disks as files: invariants S1 to S4, and every way in which a request can be bad.
 */
import { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PrereqError } from '../../../src/errors.js';
import { answered } from '../../../src/ports/reply.js';
import { FileStorage } from '../../../src/local/storage/file-storage.js';
import { HandClock } from '../process/hand-clock.js';
import { openDescriptors, scratchDirectory } from '../process/scratch.js';
import { diskAt, MIB, reasonOf, store } from './disks.js';

test('should make sparse disks by default, for their owner only', async () => {
  const { storage, disk, root } = await store();
  const before = await openDescriptors();
  expect(await storage.createDisk({ disk: disk('disk0', 64) })).toEqual({
    ok: true,
    payload: undefined,
  });
  const found = statSync(join(root, 'disk0'));
  expect(found.size).toBe(64 * MIB);
  expect(found.blocks).toBeLessThan(64);
  expect(found.mode & 0o777).toBe(0o600);
  expect(await openDescriptors()).toBe(before);
});

test('should take the space of full disks at once', async () => {
  const { storage, disk, root, clock } = await store({ allocation: 'full' });
  expect(reasonOf(await storage.createDisk({ disk: disk('disk0', 16) }))).toBe('ok');
  const found = statSync(join(root, 'disk0'));
  expect(found.size).toBe(16 * MIB);
  expect(found.blocks * 512).toBeGreaterThanOrEqual(16 * MIB);
  expect(readFileSync(join(root, 'disk0')).every((byte) => byte === 0)).toBe(true);
  expect(clock.pending).toBe(0);
});

test('given something with the name, whatever it is, then it is not touched', async () => {
  const { storage, disk, root } = await store();
  const outside = await scratchDirectory();
  await writeFile(join(root, 'disk'), 'precious');
  await symlink(join(outside, 'target'), join(root, 'dangling'));
  mkdirSync(join(root, 'directory'));
  for (const name of ['disk', 'dangling', 'directory']) {
    const reply = await storage.createDisk({ disk: disk(name, 1) });
    expect(reasonOf(reply)).toMatch(/exists: Disk 0 .*exists already, and was not touched/);
  }
  expect(readFileSync(join(root, 'disk'), 'utf8')).toBe('precious');
  expect(await readdir(outside)).toEqual([]);
});

test('given a disk larger than what is free, then it fails and nothing is left', async () => {
  const { storage, disk, root } = await store();
  const reply = await storage.createDisk({ disk: disk('disk0', 2 ** 40) });
  expect(reasonOf(reply)).toMatch(/needs 1099511627776 MiB, and \d+ MiB are free there/);
  expect(await readdir(root)).toEqual([]);
});

test('given paths that escape, then every command refuses them and says why', async () => {
  const { storage, root } = await store();
  const outside = await scratchDirectory();
  await writeFile(join(outside, 'victim'), 'precious');
  await symlink(outside, join(root, 'link'));
  const paths = [
    join(outside, 'victim'),
    `${root}/../../${outside}/victim`,
    `${root}/link/victim`,
    `${root}/x\0/victim`,
    'relative/victim',
    root,
  ];
  for (const path of paths) {
    const request = { disk: diskAt(path, 1) };
    for (const reply of [
      await storage.createDisk(request),
      await storage.wipeDisk(request),
      await storage.removeDisk(request),
      await storage.createStorageDir({ path: `${path}/sub` }),
      await storage.removeStorageDir({ path: path === root ? root : `${path}/sub` }),
    ]) {
      if (path === root && reply.ok) continue;
      expect(reasonOf(reply), path).toMatch(
        /^not_authorised: .*(has to lie below|'\.\.'|symbolic link|control character|absolute|itself)/,
      );
    }
  }
  expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('precious');
  expect(await readdir(outside)).toEqual(['victim']);
});

test('should make and remove directories as often as asked', async () => {
  const { storage, root, disk } = await store();
  const path = join(root, 'sub', 'web1.example.com');
  const made = [await storage.createStorageDir({ path }), await storage.createStorageDir({ path })];
  expect(made).toEqual([answered([join(root, 'sub'), path]), answered([])]);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  await storage.createDisk({ disk: disk('sub/web1.example.com/disk0', 1) });
  expect(reasonOf(await storage.removeStorageDir({ path }))).toMatch(/directory is not empty/);
  await storage.removeDisk({ disk: disk('sub/web1.example.com/disk0', 1) });
  const gone = [await storage.removeStorageDir({ path }), await storage.removeStorageDir({ path })];
  expect(gone.map(reasonOf)).toEqual(['ok', 'ok']);
  const deep = join(root, 'never/there');
  expect(reasonOf(await storage.removeStorageDir({ path: deep }))).toBe('ok');
  expect(await readdir(root)).toEqual(['sub']);
});

test('given a file or link where a directory is asked for, then it stays and is named', async () => {
  const { storage, root } = await store();
  await writeFile(join(root, 'file'), '');
  await symlink('/tmp', join(root, 'link'));
  const file = { path: join(root, 'file') };
  const link = { path: join(root, 'link') };
  expect(reasonOf(await storage.createStorageDir(file))).toMatch(/'file' in it is no directory/);
  expect(reasonOf(await storage.createStorageDir(link))).toMatch(/'link' in it is a symbolic link/);
  expect(reasonOf(await storage.removeStorageDir(file))).toMatch(/not a directory/);
  expect(reasonOf(await storage.removeStorageDir(link))).toMatch(/not a directory/);
  expect((await readdir(root)).sort()).toEqual(['file', 'link']);
});

test('should remove disks as often as asked, and nothing but files', async () => {
  const { storage, root, disk } = await store();
  await storage.createDisk({ disk: disk('disk0', 1) });
  expect(reasonOf(await storage.removeDisk({ disk: disk('disk0', 1) }))).toBe('ok');
  expect(reasonOf(await storage.removeDisk({ disk: disk('disk0', 1) }))).toBe('ok');
  expect(reasonOf(await storage.removeDisk({ disk: disk('no/such/disk', 1) }))).toBe('ok');
  await writeFile(join(root, 'target'), 'precious');
  await symlink('target', join(root, 'link'));
  mkdirSync(join(root, 'directory'));
  spawnSync('mkfifo', [join(root, 'fifo')]);
  expect(reasonOf(await storage.removeDisk({ disk: disk('link', 1) }))).toMatch(/a symbolic link/);
  for (const name of ['directory', 'fifo']) {
    expect(reasonOf(await storage.removeDisk({ disk: disk(name, 1) }))).toMatch(/no regular file/);
  }
  expect((await readdir(root)).sort()).toEqual(['directory', 'fifo', 'link', 'target']);
});

test('should wipe the whole disk, durably, with progress up to its end', async () => {
  const { storage, root, disk } = await store();
  const path = join(root, 'disk0');
  await writeFile(path, Buffer.alloc(20 * MIB, 'data'));
  const seen: number[] = [];
  const before = await openDescriptors();
  const onProgress = ({ fraction }: { fraction: number }): void => void seen.push(fraction);
  expect(reasonOf(await storage.wipeDisk({ disk: disk('disk0', 20) }, { onProgress }))).toBe('ok');
  expect(statSync(path).size).toBe(20 * MIB);
  expect(readFileSync(path).every((byte) => byte === 0)).toBe(true);
  expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(20 * MIB);
  expect(seen).toEqual([0.4, 0.8, 1]);
  expect(await openDescriptors()).toBe(before);
});

test('given a link, a pipe or a file with two names, then it is not wiped', async () => {
  const { storage, root, disk } = await store();
  await writeFile(join(root, 'target'), 'precious');
  await symlink('target', join(root, 'link'));
  linkSync(join(root, 'target'), join(root, 'twin'));
  spawnSync('mkfifo', [join(root, 'fifo')]);
  const wiped = async (name: string): Promise<string> =>
    reasonOf(await storage.wipeDisk({ disk: disk(name, 1) }));
  expect(await wiped('link')).toMatch(/symbolic link/);
  expect(await wiped('twin')).toMatch(/second name/);
  expect(await wiped('fifo')).toMatch(/no regular file/);
  expect(await wiped('missing')).toMatch(/no such file/);
  expect(readFileSync(join(root, 'target'), 'utf8')).toBe('precious');
  expect(lstatSync(join(root, 'fifo')).isFIFO()).toBe(true);
});

test('given an abort in the middle of a wipe, then it stops and says so', async () => {
  const { storage, root, disk, clock } = await store();
  await writeFile(join(root, 'disk0'), '');
  await truncate(join(root, 'disk0'), 64 * MIB);
  const controller = new AbortController();
  const seen: number[] = [];
  const reply = await storage.wipeDisk(
    { disk: disk('disk0', 64) },
    {
      signal: controller.signal,
      timeoutMs: 60_000,
      onProgress: ({ fraction }) => {
        seen.push(fraction);
        if (seen.length === 2) controller.abort();
      },
    },
  );
  expect(reasonOf(reply)).toMatch(/^aborted: .*wiped: the call was cancelled/);
  expect(seen).toEqual([0.125, 0.25]);
  expect(clock.pending).toBe(0);
});

test('given a time limit, when it passes in the middle, then the call says timeout', async () => {
  const { storage, root, disk, clock } = await store();
  await writeFile(join(root, 'disk0'), Buffer.alloc(16 * MIB));
  const call = { timeoutMs: 60_000, onProgress: () => clock.pass(60_000) };
  const reply = await storage.wipeDisk({ disk: disk('disk0', 16) }, call);
  expect(reasonOf(reply)).toMatch(/^timeout: .*time was up/);
  expect(clock.pending).toBe(0);
});

test('given a call that was aborted before, then nothing is done', async () => {
  const { storage, root, disk } = await store();
  const call = { signal: AbortSignal.abort() };
  const request = { disk: disk('disk0', 1) };
  const replies = [
    await storage.createDisk(request, call),
    await storage.wipeDisk(request, call),
    await storage.removeDisk(request, call),
    await storage.createStorageDir({ path: join(root, 'x') }, call),
    await storage.removeStorageDir({ path: join(root, 'x') }, call),
  ];
  expect(replies.map((reply) => !reply.ok && reply.failure)).toEqual(Array(5).fill('aborted'));
  expect(await readdir(root)).toEqual([]);
});

test('given an abort while a disk is made, then no file is left', async () => {
  const { storage, root, disk } = await store();
  const controller = new AbortController();
  const reply = storage.createDisk({ disk: disk('disk0', 1) }, { signal: controller.signal });
  controller.abort();
  expect(reasonOf(await reply)).toMatch(/^aborted: /);
  expect(await readdir(root)).toEqual([]);
});

test('should keep templates apart, and know only those it has a root for', async () => {
  const base = await scratchDirectory();
  const [file, shared] = [join(base, 'file'), join(base, 'shared')];
  mkdirSync(file);
  mkdirSync(shared);
  const storage = new FileStorage({ roots: { file, sharedfile: shared }, clock: new HandClock() });
  const make = async (path: string, template: 'file' | 'sharedfile' | 'plain'): Promise<string> =>
    reasonOf(await storage.createDisk({ disk: diskAt(path, 1, { template }) }));
  expect(await make(join(shared, 'd'), 'sharedfile')).toBe('ok');
  expect(await make(join(file, 'd'), 'file')).toBe('ok');
  expect(await make(join(shared, 'x'), 'file')).toMatch(/has to lie below/);
  expect(await make(join(file, 'x'), 'plain')).toMatch(/no disks of template 'plain'/);
  expect(() => new FileStorage({ roots: { file: '/etc' }, clock: new HandClock() })).toThrow(
    PrereqError,
  );
});

test('should refuse sizes that are none', async () => {
  const { storage, root, disk } = await store();
  for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(reasonOf(await storage.createDisk({ disk: disk('d', size) }))).toMatch(
      /whole number of MiB/,
    );
  }
  expect(await readdir(root)).toEqual([]);
});

const isRoot = process.getuid?.() === 0;
if (isRoot) process.stdout.write('skipped: test of a missing right (root may write anywhere)\n');

test.skipIf(isRoot)('given no right to write, then it says so', async () => {
  const { storage, root, disk } = await store();
  chmodSync(root, 0o500);
  expect(reasonOf(await storage.createDisk({ disk: disk('d', 1) }))).toMatch(/permission denied/);
  chmodSync(root, 0o700);
});
