import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceNames } from '../../src/instance-create/args/device-names.js';
import { namesSameHost, normalHostName } from '../../src/instance-create/args/host-name.js';
import { readNics } from '../../src/instance-create/args/nics.js';
import { readBeParams, readHvParams } from '../../src/instance-create/args/params.js';
import { readTags } from '../../src/instance-create/args/tags.js';
import { readVlan } from '../../src/instance-create/args/vlan.js';
import { violationsOf, type Measures } from '../../src/instance-create/prereq/policy.js';
import { HYPERVISOR_PARAMS } from '../../src/model/hypervisor-params.js';
import type { InstancePolicy } from '../../src/model/ipolicy.js';
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
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

test.each([
  [undefined, undefined],
  ['', undefined],
  ['5', '.5'],
  ['.5', '.5'],
  ['.5:6:7', '.5:6:7'],
  [':5:6', ':5:6'],
  [':4094', ':4094'],
])('should read VLAN %s as %s', (given, vlan) => {
  expect(readVlan(given, 'bridged')).toBe(vlan);
  expect(readVlan(given, 'openvswitch')).toBe(vlan);
});

test.each([
  '.',
  ':',
  '.x',
  ':x',
  '.1:',
  ':1:',
  '1:2',
  '.1.2',
  ' 5',
  '-5',
  '5 ',
  '0',
  '.4095',
  ':1:0',
])('should refuse VLAN %s', (given) => {
  expect(() => readVlan(given, 'openvswitch')).toThrow(/VLAN/);
});

test('should keep names of devices, and take none for no name', () => {
  expect(deviceNames('disk', ['a', undefined, 'NONE', 'none', '1a'])).toEqual([
    'a',
    undefined,
    undefined,
    undefined,
    '1a',
  ]);
});

const BRIDGED = { mode: 'bridged', link: 'br0', vlan: '' } as const;

test('should read cards as they were asked for, and no more', () => {
  const cards = readNics(
    [
      {},
      { mode: 'auto', link: '', vlan: '', ip: 'NONE', network: 'none' },
      { bridge: 'br7', mac: 'AA:00:00:12:34:56', name: 'front' },
      { mode: 'openvswitch', link: 'sw', vlan: '7', mac: 'generate', ip: '2001:DB8::7' },
      { mode: 'routed', ip: 'auto' },
    ],
    BRIDGED,
    true,
  );
  expect(cards).toEqual([
    { mac: { kind: 'draw' }, ip: { kind: 'none' }, params: {} },
    { mac: { kind: 'draw' }, ip: { kind: 'none' }, params: { mode: 'bridged' } },
    {
      mac: { kind: 'given', address: 'aa:00:00:12:34:56' },
      ip: { kind: 'none' },
      params: { link: 'br7' },
      name: 'front',
    },
    {
      mac: { kind: 'draw' },
      ip: { kind: 'given', address: '2001:db8::7' },
      params: { mode: 'openvswitch', link: 'sw', vlan: '.7' },
    },
    { mac: { kind: 'draw' }, ip: { kind: 'of-name' }, params: { mode: 'routed' } },
  ]);
});

test('should accept multicast hardware addresses, as Ganeti does', () => {
  expect(readNics([{ mac: '01:00:5e:00:00:01' }], BRIDGED, false)).toHaveLength(1);
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
  expect(readBeParams(given, CLUSTER)).toEqual(read);
});

test('should bring hypervisor parameters to their types', () => {
  const given = { acpi: 'false', kvm_pci_reservations: '3', root_path: null, vga: '' };
  expect(readHvParams(given, HYPERVISOR_PARAMS.kvm, 'kvm')).toEqual({
    acpi: false,
    kvm_pci_reservations: 3,
    root_path: null,
    vga: '',
  });
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

const GOOD: Measures = {
  template: 'file',
  memoryMib: 128,
  vcpus: 1,
  spindleUse: 1,
  nicCount: 1,
  diskSizesMib: [1024],
};

test.each([
  [{}, 0],
  [{ memoryMib: 64 }, 1],
  [{ memoryMib: 32769, vcpus: 9, spindleUse: 13, nicCount: 9 }, 4],
  [{ diskSizesMib: [1024, 1, 2 ** 21] }, 2],
  [{ diskSizesMib: Array<number>(17).fill(1024) }, 1],
  // No disks: the number does not matter, but the template is diskless.
  [{ diskSizesMib: [] }, 0],
])('should find in %j %i violations', (changes, count) => {
  expect(violationsOf(POLICY_DEFAULTS, { ...GOOD, ...changes })).toHaveLength(count);
});

test('should measure against the range that fits best', () => {
  const [range] = POLICY_DEFAULTS.minmax;
  if (range === undefined) throw new Error('the default policy has no range');
  const { min, max } = range;
  const minmax = [
    { min, max: { ...max, cpuCount: 2, memorySizeMib: 256 } },
    { min: { ...min, cpuCount: 4 }, max },
  ];
  const policy: InstancePolicy = { ...POLICY_DEFAULTS, minmax };
  expect(violationsOf(policy, { ...GOOD, vcpus: 4, memoryMib: 512 })).toEqual([]);
  expect(violationsOf(policy, { ...GOOD, vcpus: 3, memoryMib: 512 })).toEqual([
    'number of processors is 3, allowed are 4 to 8',
  ]);
});

test('should name a template that is not admitted, and diskless for no disks', () => {
  const policy: InstancePolicy = { ...POLICY_DEFAULTS, diskTemplates: ['plain'] };
  expect(violationsOf(policy, GOOD)).toEqual(['disk template file is not among plain']);
  expect(violationsOf(policy, { ...GOOD, diskSizesMib: [] })).toEqual([
    'disk template diskless is not among plain',
  ]);
});
