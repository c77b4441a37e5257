/**
 * Storage that is not as it should be: taken, leading elsewhere, not writable, full in the middle.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LUInstanceCreate } from '../../src/index.js';
import { scratchDirectory } from '../local/process/scratch.js';
import { type Lab, openLab, refusal, request } from './lab.js';

const MIB = 1024 * 1024;

test('given something with the name of a disk, then it is named and not touched', async () => {
  // The same seed draws the same names.
  const twin = await openLab();
  const { plan } = await twin.cluster.plan(new LUInstanceCreate(), request(twoDisks()));
  const second = plan.disks[1]?.location;
  const lab = await openLab();
  const path = join(lab.disks, relative(twin.disks, second?.kind === 'file' ? second.path : ''));
  await mkdir(dirname(path));
  await writeFile(path, 'precious');
  const error = await refusal(lab, twoDisks());
  expect(error.toJSON()).toMatchObject({ name: 'ExecError', leaked: [] });
  expect(error.message).toContain(`Cannot make disk ${path} on node1`);
  expect(error.message).toMatch(/exists already, and was not touched; remove it first$/);
  expect(await readFile(path, 'utf8')).toBe('precious');
  await lab.cluster.recover();
  expect(await readFile(path, 'utf8')).toBe('precious');
});

test('given a link below the storage directory, then nothing is made where it leads', async () => {
  const elsewhere = await scratchDirectory();
  const lab = await openLab();
  await symlink(elsewhere, join(lab.disks, 'link'));
  const error = await refusal(lab, { fileStorageDir: 'link' });
  expect(error.toJSON()).toMatchObject({ name: 'ExecError', leaked: [] });
  expect(error.message).toMatch(/'link' in it is a symbolic link/);
  expect(await readdir(elsewhere)).toEqual([]);
});

test.each(['disks', 'log', 'run', 'configuration'])(
  'given a file where directory %s belongs, when the cluster is opened, then the error names it',
  async (name) => {
    let dir = '';
    const opened = openLab({
      prepare: async (path) => {
        dir = path;
        await writeFile(join(path, name), 'not a directory');
      },
    });
    await expect(opened).rejects.toMatchObject({
      code: name === 'configuration' ? 'io' : 'environment_error',
    });
    await expect(opened).rejects.toThrow(`'${join(dir, name)}' cannot be used`);
    expect(await readFile(join(dir, name), 'utf8')).toBe('not a directory');
  },
);

test('given a log directory that is gone, when the OS is installed, then nothing is left', async () => {
  const lab = await openLab();
  await rm(join(lab.dir, 'log'), { recursive: true });
  await writeFile(join(lab.dir, 'log'), '');
  const error = await refusal(lab);
  expect(error.message).toMatch(/log/);
  expect(error.toJSON()).not.toHaveProperty('leaked.0');
});

test('given a storage directory that became read-only, then it is named and nothing is left', async (ctx) => {
  const lab = await openSmallLab(ctx.skip);
  remount(lab.disks, 'ro');
  const error = await refusal(lab);
  expect(error.toJSON()).toMatchObject({ name: 'ExecError', leaked: [] });
  expect(error.message).toContain(`Cannot make directory ${lab.disks}/web1.example.com on node1`);
  expect(error.message).toMatch(/the file system is mounted read-only/);
});

test('given a file system that is full in the middle, then the disk is named and nothing is left', async (ctx) => {
  const lab = await openSmallLab(ctx.skip);
  const filler = join(lab.disks, 'filler');
  const before = await lab.state();
  const run = lab.create(
    { disks: [{ size: 32 }] },
    {
      onReport: (event) => {
        const wipes = event.type === 'step' && event.message.startsWith('Wiping disk');
        if (wipes) writeFileSync(filler, Buffer.alloc(24 * MIB));
      },
    },
  );
  await expect(run).rejects.toMatchObject({ name: 'ExecError', leaked: [] });
  await expect(run).rejects.toThrow(/Cannot wipe disk \S+\.file\.disk0 on node1/);
  await expect(run).rejects.toThrow(/after \d+ MiB no space is left on the file system; free some/);
  await rm(filler);
  expect(await lab.state()).toEqual(before);
});

function twoDisks(): { disks: { size: number }[] } {
  return { disks: [{ size: 16 }, { size: 16 }] };
}

/** A lab whose disks lie on a file system of 48 MiB of its own. Only root can make one. */
async function openSmallLab(skip: (why: string) => never): Promise<Lab> {
  const storageRoot = await mkdtemp(join(tmpdir(), 'lu-small-'));
  onTestFinished(() => rm(storageRoot, { recursive: true }));
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'none', storageRoot]);
  if (mount.status !== 0) {
    process.stdout.write(
      'no file system can be mounted here: the tests that need one are skipped\n',
    );
    skip('no file system can be mounted here');
  }
  onTestFinished(() => void spawnSync('umount', [storageRoot]));
  return openLab({ storageRoot });
}

function remount(path: string, how: 'ro'): void {
  expect(spawnSync('mount', ['-o', `remount,${how}`, path]).status).toBe(0);
}
