/**
 * Directories of disks on a real node: what an operation made goes with it, what was there stays.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LUInstanceRemove } from '../../src/lus/instance-remove.js';
import { type Lab, openLab, refusal } from '../end-to-end/lab.js';

const WEB1 = 'web1.example.com';

/** Directories below the disks' one, and files without their random names. */
async function listing({ disks }: Lab): Promise<readonly string[]> {
  const entries = await readdir(disks, { recursive: true });
  return entries.map((path) => path.replace(/[0-9a-f-]{36}/, '#')).sort();
}

function remove({ cluster }: Lab, instanceName: string): Promise<undefined> {
  return cluster.run(new LUInstanceRemove(), { instanceName, graceMs: 0 });
}

test.each([
  { there: [] },
  { there: [WEB1] },
  { there: ['sub'] },
  { there: ['sub', 'sub/deep'] },
  { there: ['sub', 'sub/deep', `sub/deep/${WEB1}`] },
])('given $there, when a creation fails, then just these are there', async ({ there }) => {
  for (const fileStorageDir of [undefined, 'sub/deep']) {
    const lab = await openLab({ create: 'exit 1' });
    for (const path of there) await mkdir(join(lab.disks, path), { recursive: true });
    await refusal(lab, fileStorageDir === undefined ? {} : { fileStorageDir });
    expect(await listing(lab)).toEqual([...there].sort());
  }
});

test.each([{ there: [] }, { there: ['sub'] }, { there: ['sub', 'sub/deep', `sub/deep/${WEB1}`] }])(
  'given $there, when an instance came and went, then just these are there',
  async ({ there }) => {
    const lab = await openLab();
    for (const path of there) await mkdir(join(lab.disks, path), { recursive: true });
    await lab.create({ fileStorageDir: 'sub/deep' });
    const path = `sub/deep/${WEB1}`;
    expect(await listing(lab)).toEqual(['sub', 'sub/deep', path, `${path}/#.file.disk0`]);
    await remove(lab, WEB1);
    expect(await listing(lab)).toEqual([...there].sort());
  },
);

test('given a directory that two instances share, when the one goes that made it, then it stays', async () => {
  const lab = await openLab();
  await lab.create({ fileStorageDir: 'sub' });
  await lab.create({ fileStorageDir: 'sub', instanceName: 'web2.example.com' });
  await remove(lab, WEB1);
  expect(await listing(lab)).toEqual([
    'sub',
    'sub/web2.example.com',
    'sub/web2.example.com/#.file.disk0',
  ]);
});

test('given a file of somebody else beside the disk, when the instance goes, then it stays', async () => {
  const lab = await openLab();
  await lab.create({ fileStorageDir: 'sub' });
  await writeFile(join(lab.disks, 'sub', WEB1, 'notes'), 'precious');
  await remove(lab, WEB1);
  expect(await listing(lab)).toEqual(['sub', `sub/${WEB1}`, `sub/${WEB1}/notes`]);
});

test('given a caller who gives up at any moment, then an empty directory stays that was there', async () => {
  let isDone = false;
  for (let at = 1; !isDone; at++) {
    const lab = await openLab();
    await mkdir(join(lab.disks, WEB1));
    const abort = new AbortController();
    let seen = 0;
    const onReport = (): void => {
      seen += 1;
      if (seen === at) abort.abort();
    };
    isDone = await lab.create({}, { signal: abort.signal, onReport }).then(
      () => true,
      () => false,
    );
    if (!isDone) expect(await listing(lab), `event ${at}`).toEqual([WEB1]);
  }
}, 120_000);

test('given a place that cannot be made, when directories are made, then the empty one before it stays', async () => {
  const lab = await openLab();
  await mkdir(join(lab.disks, 'sub'));
  const [long, file] = ['x'.repeat(255), join(lab.disks, 'file')];
  await writeFile(file, 'precious');
  const error = await refusal(lab, { fileStorageDir: 'file/deep' });
  expect(error.message).toContain(`Cannot make directory ${file}/deep/${WEB1} on node1`);
  await refusal(lab, { fileStorageDir: `sub/${long}x` });
  expect(await listing(lab)).toEqual(['file', 'sub']);
});
