import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namesSameHost, normalHostName } from '../../src/instance-create/args/host-name.js';
import { readBeParams, readHvParams } from '../../src/instance-create/args/params.js';
import { readTags } from '../../src/instance-create/args/tags.js';
import { makeCluster, nodeIdOf } from '../../src/testing/make.js';

test.each([
  ['Host.Example.COM', 'host.example.com'],
  ['host', 'host'],
  ['host.', 'host'],
  ['host.example.', 'host.example'],
  ['under_score', 'under_score'],
  ['-bad', '-bad'],
  ['1.2.3.4', '1.2.3.4'],
  ['x'.repeat(255), 'x'.repeat(255)],
])('should bring the host name %s to %s', (given, normal) => {
  expect(normalHostName(given)).toBe(normal);
});

test.each(['', '.', '..', 'a b', 'ho!st', 'é.example.com', 'a/b', 'x'.repeat(256), 'a..b'])(
  'should refuse the host name %s',
  (given) => {
    expect(() => normalHostName(given)).toThrow(/is no host name/);
  },
);

test('should bring any accepted host name to a form that stays, and that is safe in paths', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aZ0.-_/ \0é') }), (given) => {
      let name: string;
      try {
        name = normalHostName(given);
      } catch {
        return;
      }
      expect(normalHostName(name)).toBe(name);
      expect(name).not.toMatch(/\/|\0|^\.|\.\./);
    }),
  );
});

test.each([
  ['web1', 'web1.example.com', true],
  ['WEB1.example', 'web1.example.com', true],
  ['web1.example.com', 'web1.example.com', true],
  ['web', 'web1.example.com', false],
  ['web1.example.com', 'other.example.com', false],
  ['web1.example.com', 'web1', false],
])('should see %s in %s: %s', (given, full, same) => {
  expect(namesSameHost(given, full)).toBe(same);
});

const CLUSTER = makeCluster(nodeIdOf('node1'));

test.each([
  [{ memoryMib: 512 }, { maxMemMib: 512, minMemMib: 512 }],
  [
    { memoryMib: '1g', maxMemMib: 256 },
    { maxMemMib: 1024, minMemMib: 1024 },
  ],
  [
    { vcpus: 'auto', maxMemMib: 'auto' },
    { vcpus: 1, maxMemMib: 128 },
  ],
  [
    { maxMemMib: '1g', minMemMib: '512m' },
    { maxMemMib: 1024, minMemMib: 512 },
  ],
  [
    { alwaysFailover: 'true', autoBalance: false, vcpus: '2' },
    { alwaysFailover: true, autoBalance: false, vcpus: 2 },
  ],
  [{}, {}],
])('should read backend parameters %j as %j', (given, read) => {
  expect(readBeParams(given, CLUSTER.beParams, 'refused')).toEqual(read);
});

test('should bring hypervisor parameters to their types', () => {
  const given = { acpi: 'false', kvm_pci_reservations: '3', root_path: null, vga: '' };
  expect(readHvParams(given, 'kvm')).toEqual({
    acpi: false,
    kvm_pci_reservations: 3,
    root_path: null,
    vga: '',
  });
});

test.each([
  [{ colour: 'red' }, 'parameter-type'],
  [{ vcpus: 'two' }, 'parameter-type'],
  [{ maxMemMib: -4 }, 'parameter-type'],
  [{ maxMemMib: null }, 'parameter-type'],
  [{ colour: 'auto' }, undefined],
  [{ memoryMib: 'auto' }, undefined],
])('should refuse backend parameters %j as %s', (given, about) => {
  expect(() => readBeParams(given, CLUSTER.beParams, 'refused')).toThrow(
    expect.objectContaining({ code: 'wrong_input', ...(about && { about }) }) as Error,
  );
});

test('should refuse a count below 0, unless odd requests are accepted', () => {
  const read = (odd: 'refused' | 'accepted') => readBeParams({ vcpus: -1 }, CLUSTER.beParams, odd);
  expect(() => read('refused')).toThrow(/-1 is below 0/);
  expect(read('accepted')).toEqual({ vcpus: -1 });
});

test('should let pass what only another hypervisor knows, for the syntax check to refuse', () => {
  expect(readHvParams({ init_script: '/x' }, 'kvm')).toEqual({ init_script: '/x' });
  const type = expect.objectContaining({ about: 'parameter-type' }) as Error;
  expect(() => readHvParams({ nonsense: 1 }, 'kvm')).toThrow(type);
  expect(() => readHvParams({ init_script: 7 }, 'kvm')).toThrow(type);
});

test.each(['', 'a b', 'a,b', 'a%', 'x'.repeat(129), 'a\n'])('should refuse tag %j', (tag) => {
  const wrong = expect.objectContaining({ code: 'wrong_input', about: 'tag' }) as Error;
  expect(() => readTags([tag])).toThrow(wrong);
});

test('should accept a line break at the end of a tag if odd requests are', () => {
  expect(readTags(['a\n'], 'accepted')).toEqual(['a\n']);
  expect(() => readTags(['a\n\n'], 'accepted')).toThrow(/is no tag/);
});

test('should count the characters of a tag, not their halves', () => {
  expect(readTags(['\u{1d400}'.repeat(128)])).toHaveLength(1);
});

test('should keep the order of tags and drop doubles', () => {
  expect(readTags(['web', 'env:prod', 'a/b', 'web', 'ü', 'x'.repeat(128)])).toEqual([
    'web',
    'env:prod',
    'a/b',
    'ü',
    'x'.repeat(128),
  ]);
});
