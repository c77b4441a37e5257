/**
 * What happens when the file system itself refuses: full, read-only, without direct I/O.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ZeroWriter } from '../../../src/local/storage/zeros.js';
import { CallLimit } from '../../../src/local/process/limit.js';
import { runProcess } from '../../../src/local/process/run-process.js';
import { HandClock } from '../process/hand-clock.js';
import { scratchDirectory, script } from '../process/scratch.js';
import { MIB, reasonOf, store } from './disks.js';
import { cannotMount, fileSystem, remount } from './small-file-system.js';

const mounted = test.skipIf(cannotMount !== undefined);

mounted('given a disk that gets full while it is wiped, then the answer says where', async () => {
  const { storage, disk, root } = await store({}, await fileSystem('tmpfs', 'size=32m'));
  expect(reasonOf(await storage.createDisk({ disk: disk('disk0', 24) }))).toBe('ok');
  await writeFile(join(root, 'other'), Buffer.alloc(16 * MIB));
  const reply = await storage.wipeDisk({ disk: disk('disk0', 24) });
  expect(reasonOf(reply)).toMatch(/^failed: .*wiped: after (8|1[0-6]) MiB no space is left/);
  expect(reasonOf(await storage.removeDisk({ disk: disk('disk0', 24) }))).toBe('ok');
  expect(await readdir(root)).toEqual(['other']);
});

mounted('given a disk larger than the file system, then nothing is made', async () => {
  const small = await fileSystem('tmpfs', 'size=8m');
  for (const allocation of ['sparse', 'full'] as const) {
    const { storage, disk, root } = await store({ allocation }, small);
    const reply = await storage.createDisk({ disk: disk('disk0', 9) });
    expect(reasonOf(reply)).toMatch(/needs 9 MiB, and \d MiB are free there/);
    expect(await readdir(root)).toEqual([]);
  }
});

mounted('given a file system that reports no free space, then no disk is made', async () => {
  const { storage, disk, root } = await store({}, await fileSystem('ramfs', ''));
  expect(reasonOf(await storage.createDisk({ disk: disk('disk0', 1) }))).toMatch(/0 MiB are free/);
  expect(await readdir(root)).toEqual([]);
});

test('given a file that cannot grow to its size, then nothing of it is left', async () => {
  const sparse = await store();
  const full = await store({ allocation: 'full' });
  const [small, large] = [sparse.disk('small', 8), full.disk('large', 24)];
  limitFileSize(`${4 * MIB}:`);
  onTestFinished(() => limitFileSize('unlimited:'));
  expect(reasonOf(await sparse.storage.createDisk({ disk: small }))).toMatch(
    /cannot be made: the file system cannot hold a file of that size/,
  );
  expect(reasonOf(await full.storage.createDisk({ disk: large }))).toMatch(
    /cannot be made: after 4 MiB the file system cannot hold a file of that size/,
  );
  expect(await readdir(sparse.root)).toEqual([]);
  expect(await readdir(full.root)).toEqual([]);
});

mounted('given a read-only file system, then every command says so', async () => {
  const small = await fileSystem('tmpfs', 'size=8m');
  const { storage, disk, root } = await store({}, small);
  await storage.createDisk({ disk: disk('disk0', 1) });
  await storage.createStorageDir({ path: join(root, 'empty') });
  remount(small, 'ro');
  const request = { disk: disk('disk0', 1) };
  for (const reply of [
    await storage.createDisk({ disk: disk('disk1', 1) }),
    await storage.wipeDisk(request),
    await storage.removeDisk(request),
    await storage.createStorageDir({ path: join(root, 'new') }),
    await storage.removeStorageDir({ path: join(root, 'empty') }),
  ]) {
    expect(reasonOf(reply)).toMatch(/^failed: .*mounted read-only/);
  }
});

mounted('given no room for all directories, when they are made, then none is left', async () => {
  // Directories take an inode each: the file system's own, the storage directory's, and two more.
  const small = await fileSystem('tmpfs', 'size=1m,nr_inodes=4');
  const { storage, root } = await store({}, small);
  const reply = await storage.createStorageDir({ path: join(root, 'a', 'b', 'c') });
  expect(reasonOf(reply)).toMatch(/^failed: .*no space is left/);
  expect(await readdir(root)).toEqual([]);
  const path = join(root, 'a', 'b');
  expect(await storage.createStorageDir({ path })).toMatchObject({
    payload: [join(root, 'a'), path],
  });
});

mounted('given a file system without direct writing, then zeros go through the cache', async () => {
  const path = join(await fileSystem('ramfs', ''), 'file');
  await writeFile(path, Buffer.alloc(9 * MIB, 'data'));
  await fill(path, 9 * MIB);
  expect(readFileSync(path).every((byte) => byte === 0)).toBe(true);
});

mounted(
  'given a full file system for the log, then the script runs on and it is told',
  async () => {
    const small = await fileSystem('tmpfs', 'size=1m');
    const file = await script(join(await scratchDirectory(), 'script'), 'yes | head -c 4000000');
    const logPath = join(small, 'log');
    const result = await runProcess({ file, env: {}, cwd: '/', clock: new HandClock(), logPath });
    expect(result.end).toEqual({ kind: 'exited', code: 0 });
    expect(result.logTrouble).toMatch(/no space is left/);
  },
);

test('given a length that direct writing cannot end at, then exactly that much is zeros', async () => {
  const path = join(await scratchDirectory(), 'file');
  const length = 8 * MIB + 5000;
  await writeFile(path, Buffer.alloc(length + 10, 'data'));
  await fill(path, length);
  const found = readFileSync(path);
  expect(found.subarray(0, length).every((byte) => byte === 0)).toBe(true);
  expect(found.subarray(length).includes(0)).toBe(false);
  expect(statSync(path).size).toBe(length + 10);
});

async function fill(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const limit = new CallLimit(new HandClock(), {});
    await new ZeroWriter().fill(file, { from: 0, bytes }, limit, () => undefined);
  } finally {
    await file.close();
  }
}

/** Sets a soft limit for this very process: writing beyond it fails in the middle. */
function limitFileSize(limit: string): void {
  const args = ['--pid', String(process.pid), `--fsize=${limit}`];
  const { status, stderr } = spawnSync('prlimit', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`prlimit failed: ${stderr}`);
}
