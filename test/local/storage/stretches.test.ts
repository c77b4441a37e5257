/** Parts of disk files: stretches that are wiped, and images that are written. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DiskLocation } from '../../../src/model/disk.js';
import { MIB, reasonOf, store } from './disks.js';

test('given a stretch, when wiped, then the rest of the disk stays', async () => {
  const { root, storage, disk } = await store();
  const path = join(root, 'disk0');
  await writeFile(path, Buffer.alloc(4 * MIB, 7));
  const request = { disk: disk('disk0', 4), offsetMib: 1, lengthMib: 2 };
  expect(reasonOf(await storage.wipeDisk(request))).toBe('ok');
  const bytes = await readFile(path);
  const at = (mib: number): boolean => bytes.subarray(mib * MIB, (mib + 1) * MIB).every(Boolean);
  expect([0, 1, 2, 3].map(at)).toEqual([true, false, false, true]);
  expect(reasonOf(await storage.wipeDisk({ ...request, offsetMib: 3 }))).toMatch(/there are no 2/);
});

test('should write an image to the beginning of a disk, and nothing behind it', async () => {
  const { root, storage, disk } = await store();
  const image = join(root, '..', 'image');
  await writeFile(image, Buffer.alloc(MIB + 5, 1));
  await writeFile(join(root, 'disk0'), Buffer.alloc(2 * MIB, 7));
  expect(reasonOf(await storage.imageDisk({ disk: disk('disk0', 2), image }))).toBe('ok');
  const bytes = await readFile(join(root, 'disk0'));
  expect(bytes.length).toBe(2 * MIB);
  expect(bytes.subarray(0, MIB + 5).every((byte) => byte === 1)).toBe(true);
  expect(bytes.subarray(MIB + 5).every((byte) => byte === 7)).toBe(true);
});

test('given an image that does not fit, or none, when written, then it is refused', async () => {
  const { root, storage, disk } = await store();
  await writeFile(join(root, 'disk0'), Buffer.alloc(MIB, 7));
  const image = join(root, '..', 'image');
  await writeFile(image, Buffer.alloc(MIB + 1));
  const one = disk('disk0', 1);
  expect(reasonOf(await storage.imageDisk({ disk: one, image }))).toMatch(/enlarge the disk/);
  expect(reasonOf(await storage.imageDisk({ disk: one, image: root }))).toMatch(/no regular file/);
  const far = { disk: one, image: 'https://images.example.com/x' };
  expect(reasonOf(await storage.imageDisk(far))).toMatch(/fetches nothing/);
  expect((await readFile(join(root, 'disk0'))).every((byte) => byte === 7)).toBe(true);
});

test('given a disk that is no file, when anything is asked, then it is refused', async () => {
  const { storage, disk } = await store();
  const location: DiskLocation = { kind: 'lvm', volumeGroup: 'vg0', volume: 'lv1' };
  const other = disk('disk0', 1, { location });
  for (const reply of [
    await storage.createDisk({ disk: other }),
    await storage.wipeDisk({ disk: other }),
    await storage.removeDisk({ disk: other }),
    await storage.findDisks([other]),
  ]) {
    expect(reasonOf(reply)).toMatch(/'lvm:vg0\/lv1' is no file/);
  }
});
