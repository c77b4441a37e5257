/**
 * Which paths are accepted, judged by their text: invariants P1 and P2.
 */
import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrereqError } from '../../../src/errors.js';
import { AllowedRoots, isPlainName } from '../../../src/local/paths/roots.js';

const ROOTS = ['/srv/disks', '/srv/disks/deep', '/data/shared'];

/** What attacks on path checks are made of. */
const hostileSegment = fc.oneof(
  fc.constantFrom('..', '.', '', '...', '..\0', '\0', '~', '-rf', '%2e%2e', '..;', '.. ', '..\n'),
  fc.constantFrom('disks', 'srv', 'deep', 'data', 'shared', 'disks2', 'etc', 'proc', 'self'),
  fc.constantFrom(
    '\u2025',
    '\uff0e\uff0e',
    '\u2215',
    '\ud800',
    '\u202e',
    'a\\..\\b',
    'x'.repeat(300),
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const hostilePath = fc
  .tuple(
    fc.constantFrom('', '/', '//', './', '../', ...ROOTS.map((root) => `${root}/`), '/srv/disks'),
    fc.array(hostileSegment, { maxLength: 8 }),
    fc.constantFrom('', '/', '/.', '/..', '\0'),
  )
  .map(([start, segments, end]) => start + segments.join('/') + end);

test('given ten thousand hostile paths, then what is accepted stays below its root', () => {
  const roots = new AllowedRoots(ROOTS);
  let accepted = 0;
  fc.assert(
    fc.property(hostilePath, (path) => {
      const verdict = roots.place(path);
      if (!verdict.ok) return verdict.path === path && verdict.reason !== '';
      accepted += 1;
      const { root, segments } = verdict;
      return (
        (path === root || path.startsWith(`${root}/`)) &&
        posix.normalize(path) === path &&
        posix.join(root, ...segments) === path &&
        !segments.some((segment) => /^\.{1,2}$|[/\0]|^$/.test(segment))
      );
    }),
    { numRuns: 10_000 },
  );
  expect(accepted).toBeGreaterThan(0);
}, 2_000);

test('should name the path, the root and the reason', () => {
  const roots = new AllowedRoots(['/srv/disks', '/srv/disks/deep/']);
  expect(roots.place('/srv/disks/deep/a/b')).toEqual({
    ok: true,
    path: '/srv/disks/deep/a/b',
    root: '/srv/disks/deep',
    kind: 'storage directory',
    segments: ['a', 'b'],
  });
  expect(roots.place('/srv/disks')).toMatchObject({ ok: true, segments: [] });
  const reasonFor = (path: string): string => {
    const verdict = roots.place(path);
    return verdict.ok ? 'accepted' : verdict.reason;
  };
  expect(reasonFor('/srv/disks/../x')).toContain("'..'");
  expect(reasonFor('/srv/disks/./x')).toContain("'.'");
  expect(reasonFor('srv/disks/x')).toContain('not absolute');
  expect(reasonFor('')).toContain('not absolute');
  expect(reasonFor('/srv/disks/x\0')).toContain('control character');
  expect(reasonFor('/srv/disks//x')).toContain('empty name');
  expect(reasonFor('/srv/disks/x/')).toContain('empty name');
  expect(reasonFor('/srv/disks2/x')).toContain('/srv/disks, /srv/disks/deep');
  expect(reasonFor(`/srv/disks/${'é'.repeat(128)}`)).toContain('255 bytes');
  expect(reasonFor(`/srv/disks${'/x'.repeat(2048)}`)).toContain('4095 bytes');
});

test('should refuse roots that belong to the system', () => {
  const wrong = ['/', '/etc', '/etc/ganeti', '/dev/shm', '/usr/lib/x', '/lib64', '/usr/local/bin'];
  for (const root of [
    ...wrong,
    '/home',
    '/root',
    '/proc/self',
    'relative',
    '/a/../b',
    '',
    '/a//b',
  ]) {
    expect(() => new AllowedRoots([root]), root).toThrow(PrereqError);
  }
  for (const root of ['/home/ann/disks', '/root/disks', '/srv/ganeti/file-storage', '/library']) {
    expect(new AllowedRoots([`${root}/`]).roots).toEqual([root]);
  }
});

test('should know names that are safe as one file name', () => {
  expect(['web1.example.com', 'a', 'ä b'].every(isPlainName)).toBe(true);
  expect(['', '.', '..', '.x', 'a/b', 'a\nb', 'a\0', 'x'.repeat(256)].some(isPlainName)).toBe(
    false,
  );
});
