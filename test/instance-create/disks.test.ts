/**
 * What requests say of disks: before locks are taken, and under locks.
 */
import { expect, test } from 'vitest';
import type { GivenDisk } from '../../src/instance-create/args/disk-params.js';
import {
  computeDisks,
  type DiskArguments,
  type ReadDisks,
  readDisks,
} from '../../src/instance-create/args/disks.js';
import { fileStorageDir } from '../../src/instance-create/args/file-storage-dir.js';
import { storageDirsOf } from '../../src/instance-create/prereq/storage.js';
import {
  DISK_TEMPLATE_FACTS,
  DISK_TEMPLATES,
  type DiskTemplate,
} from '../../src/model/disk-template.js';
import { makeCluster, nodeIdOf } from '../../src/testing/make.js';

const CLUSTER = makeCluster(nodeIdOf('node1'), {
  enabledDiskTemplates: [...DISK_TEMPLATES],
  volumeGroup: 'vg0',
  glusterStorageDir: '/run/gluster',
});

function read(disks: readonly GivenDisk[], changes: Partial<DiskArguments> = {}): ReadDisks {
  return readDisks({ diskTemplate: 'plain', disks, ...changes }, CLUSTER);
}

function refusalOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    const { code, about } = error as { readonly code: string; readonly about?: string };
    return about === undefined ? code : about;
  }
  return 'accepted';
}

test('given no template, when read, then it is the first that is enabled', () => {
  const cluster = { ...CLUSTER, enabledDiskTemplates: ['rbd', 'plain'] as const };
  const { storage, disks, adopts } = readDisks({ disks: [] }, cluster);
  expect(storage).toEqual({ template: 'rbd', driver: 'loop' });
  expect([disks, adopts]).toEqual([[], false]);
});

test.each<readonly [string, readonly GivenDisk[], Partial<DiskArguments>, string]>([
  ['a template that is off', [], { diskTemplate: 'nothing' as DiskTemplate }, 'unclassified'],
  ['a number as a name', [{ size: 1, name: '12' }], {}, 'wrong_input'],
  ['a name twice', ['a', 'a'].map((name) => ({ size: 1, name })), {}, 'resource_not_unique'],
  ['text that is no size', [{ size: 'much' }], {}, 'parameter-type'],
  ['a size in unknown units', [{ size: '1k' }], {}, 'parameter-type'],
  ['an unknown parameter', [{ size: 1, providerParams: { x: 1 } }], {}, 'parameter-type'],
  ['spindles that are no number', [{ size: 1, spindles: 'few' }], {}, 'parameter-type'],
  ['some adopted, some not', [{ size: 1, adopt: 'a' }, { size: 1 }], {}, 'wrong_input'],
  ['adoption by drbd', [{ size: 1, adopt: 'a' }], { diskTemplate: 'drbd' }, 'wrong_input'],
  ['adoption by an allocator', [{ size: 1, adopt: 'a' }], { iallocator: 'hail' }, 'wrong_input'],
  ['adoption by an import', [{ size: 1, adopt: 'a' }], { fillsDisks: true }, 'wrong_input'],
  ['a device that is not named', [{ size: 1 }], { diskTemplate: 'blockdev' }, 'wrong_input'],
  ['a way out', [], { diskTemplate: 'file', fileStorageDir: '../up' }, 'wrong_input'],
])('given %s, when read, then it is refused', (_what, disks, changes, code) => {
  expect(refusalOf(() => read(disks, changes))).toBe(code);
});

test('given mistakes of several kinds, when read, then names come first, then the template', () => {
  const disks = [{ size: 'much', name: '12' }];
  const off = { diskTemplate: 'nothing' as DiskTemplate };
  expect(refusalOf(() => read(disks, off))).toBe('wrong_input');
  expect(refusalOf(() => read([{ size: 'much' }], off))).toBe('unclassified');
});

test('should bring sizes to whole multiples of 4 MiB, but for templates with providers', () => {
  const given = [{ size: '1g' }, { size: 10 }, { size: 12.7 }];
  expect(read(given).disks.map(({ size }) => size)).toEqual([1024, 12, 16]);
  const ext = read([{ size: '10', provider: 'p', providerParams: { tier: 'gold' } }], {
    diskTemplate: 'ext',
  });
  expect(ext.disks).toEqual([{ size: '10', provider: 'p', providerParams: { tier: 'gold' } }]);
});

test('should tell that disks are adopted', () => {
  expect(read([{ size: 0, adopt: 'lv1' }]).adopts).toBe(true);
  const device = { size: 0, adopt: '/dev/disk/by-id/a' };
  expect(read([device], { diskTemplate: 'blockdev' }).adopts).toBe(true);
});

test.each<readonly [string, GivenDisk, DiskTemplate]>([
  ['no size', {}, 'plain'],
  ['a size of nothing', { size: 0 }, 'plain'],
  ['a size with a unit for a provider', { size: '5000m', provider: 'p' }, 'ext'],
  ['an unknown mode', { size: 1, mode: 'zz' }, 'plain'],
  ['no provider', { size: 1 }, 'ext'],
  ['a provider where there is none', { size: 1, provider: 'p' }, 'rbd'],
])('given %s, when computed, then it is refused', (_what, disk, template) => {
  expect(refusalOf(() => computeDisks([disk], template, CLUSTER))).toBe('wrong_input');
});

test('given 17 disks, when computed, then they are too many', () => {
  const disks = Array.from({ length: 17 }, () => ({ size: 4 }));
  expect(refusalOf(() => computeDisks(disks, 'plain', CLUSTER))).toBe('wrong_input');
});

test('should keep what the template knows, and leave out what it does not', () => {
  const given: GivenDisk = {
    size: '20',
    mode: 'ro',
    name: 'None',
    access: 'userspace',
    spindles: '3',
    metavg: 'meta',
  };
  const common = {
    sizeMib: 20,
    mode: 'ro',
    volumeGroup: 'vg0',
    metaVolumeGroup: 'meta',
    spindles: 3,
  };
  expect(computeDisks([given], 'drbd', CLUSTER)).toEqual([common]);
  expect(computeDisks([given], 'rbd', CLUSTER)).toEqual([{ ...common, access: 'userspace' }]);
  const own = { ...given, provider: 'p', providerParams: { tier: 'gold' } };
  expect(computeDisks([own], 'ext', CLUSTER)).toEqual([
    { ...common, access: 'userspace', provider: 'p', providerParams: { tier: 'gold' } },
  ]);
});

test('given a volume group, when computed, then it wins over the cluster', () => {
  const [first, second] = computeDisks([{ size: 4, vg: 'other' }, { size: 4 }], 'plain', {});
  expect(first?.volumeGroup).toBe('other');
  expect(second).toEqual({ sizeMib: 4, mode: 'rw' });
});

test('should place files below the directory of their template', () => {
  const at = (template: DiskTemplate, sub?: string): string | undefined =>
    fileStorageDir(template, 'web1', sub, CLUSTER);
  expect(at('plain', 'a')).toBeUndefined();
  expect(at('file')).toBe('/srv/ganeti/file-storage/web1');
  expect(at('sharedfile', 'a/b')).toBe('/srv/ganeti/shared-file-storage/a/b/web1');
  expect(at('gluster')).toBe('/run/gluster');
  expect(at('gluster', 'a')).toBe('/run/gluster/a');
});

test.each(['../x', '/abs', 'a//b', 'a/../b', '.', 'a/'])(
  'given %s for a directory, when files are placed, then it is refused',
  (sub) => {
    expect(refusalOf(() => fileStorageDir('file', 'web1', sub, CLUSTER))).toBe('wrong_input');
  },
);

test('given a cluster without directory, when files are placed, then it is refused', () => {
  for (const template of DISK_TEMPLATES) {
    const { fileBased } = DISK_TEMPLATE_FACTS[template];
    const code = refusalOf(() => fileStorageDir(template, 'web1', undefined, {}));
    expect(code).toBe(fileBased ? 'wrong_state' : 'accepted');
  }
});

test('should name the directories of disk files, innermost first', () => {
  const dirs = (template: DiskTemplate): readonly string[] =>
    storageDirsOf(
      { storage: { template, driver: 'loop', subdirectory: 'a/b' }, host: { name: 'web1' } },
      CLUSTER,
    );
  const root = '/srv/ganeti/file-storage';
  expect(dirs('file')).toEqual([`${root}/a/b/web1`, `${root}/a/b`, `${root}/a`]);
  expect(dirs('gluster')).toEqual(['ganeti']);
  expect(dirs('drbd')).toEqual([]);
});
