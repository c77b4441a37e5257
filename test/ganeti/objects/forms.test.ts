/**
 * Ganeti's form of objects in examples: what is there, what is left out, what is hidden.
 */
import { describe, expect, test } from 'vitest';
import { encodeDisk } from '../../../src/ganeti/objects/disk.js';
import { encodeInstance } from '../../../src/ganeti/objects/instance.js';
import { encodeNetwork } from '../../../src/ganeti/objects/network.js';
import type { Disk, DiskLocation } from '../../../src/model/disk.js';
import type { DiskTemplate } from '../../../src/model/disk-template.js';
import type { DiskId, NodeId, NetworkId } from '../../../src/model/ids.js';
import { Secret } from '../../../src/model/secret.js';
import { makeDisk, makeInstance, makeNode } from '../../../src/testing/make.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';

const IDS = new SeededIds(1);
const INSTANCE = makeInstance('web1.example.com', makeNode('node1.example.com').id, IDS);
const NODES = ['n1', 'n2'] as [string, string] as [NodeId, NodeId];

function diskOn(template: DiskTemplate, location: DiskLocation, facts: Partial<Disk> = {}): Disk {
  return { ...makeDisk(INSTANCE, 0, IDS), template, location, nodes: [], ...facts };
}

const MIRROR = diskOn(
  'drbd',
  { kind: 'drbd', nodes: NODES, port: 11000, minors: [0, 3], secret: new Secret('s3cret') },
  {
    nodes: NODES,
    serial: 0,
    parts: ['data', 'meta'].map((volume) => ({
      id: `part-${volume}` as DiskId,
      template: 'plain',
      sizeMib: 128,
      location: { kind: 'lvm', volumeGroup: 'xenvg', volume },
      params: {},
      nodes: NODES,
    })),
  },
);

describe('the place of a disk', () => {
  const places: readonly (readonly [DiskTemplate, DiskLocation, readonly unknown[]])[] = [
    ['plain', { kind: 'lvm', volumeGroup: 'xenvg', volume: 'a' }, ['xenvg', 'a']],
    ['file', { kind: 'file', driver: 'loop', path: '/srv/a' }, ['loop', '/srv/a']],
    ['gluster', { kind: 'file', driver: 'loop', path: 'ganeti/a.0' }, ['loop', 'ganeti/a.0']],
    ['rbd', { kind: 'rbd', image: 'a' }, ['rbd', 'a']],
    ['blockdev', { kind: 'blockdev', path: '/dev/disk/a' }, ['manual', '/dev/disk/a']],
    ['ext', { kind: 'ext', provider: 'pvdr', volume: 'a' }, ['pvdr', 'a']],
  ];

  test.each(places)('%s', (template, location, wire) => {
    expect(encodeDisk(diskOn(template, location))['logical_id']).toEqual(wire);
  });

  test('drbd, with its secret or without', () => {
    expect(encodeDisk(MIRROR)['logical_id']).toEqual(['n1', 'n2', 11000, 0, 3, 's3cret']);
    const hidden = encodeDisk(MIRROR, { hide: () => 'hidden' });
    expect(hidden['logical_id']).toEqual(['n1', 'n2', 11000, 0, 3, 'hidden']);
  });
});

describe('a disk', () => {
  const [data] = MIRROR.parts ?? [];
  const PART = {
    uuid: 'part-data',
    forthcoming: false,
    dev_type: 'plain',
    logical_id: ['xenvg', 'data'],
    nodes: NODES,
    size: 128,
    params: {},
  };

  test('should have no serial number, times or empty lists before it is stored', () => {
    const plain = diskOn('plain', { kind: 'lvm', volumeGroup: 'v', volume: 'a' }, { serial: 0 });
    const { id, index } = plain;
    expect(encodeDisk(plain)).toEqual({
      uuid: id,
      iv_name: `disk/${index}`,
      forthcoming: false,
      dev_type: 'plain',
      logical_id: ['v', 'a'],
      nodes: [],
      size: plain.sizeMib,
      mode: plain.mode,
      params: {},
    });
  });

  test('should have parts without position, mode and name', () => {
    expect(encodeDisk(MIRROR)['children']).toEqual([PART, { ...PART, ...other('meta') }]);
    if (data === undefined) throw new Error('no parts');
    expect(encodeDisk(data)).toEqual(PART);
  });

  test('should have stamps with its parts once it is stored', () => {
    const disk = { ...MIRROR, serial: 2, createdAtMs: 1500, modifiedAtMs: 2_000_000 };
    const stamp = { serial_no: 2, ctime: 1.5, mtime: 2000 };
    const stored = { ...PART, ...stamp, children: [] };
    expect(encodeDisk(disk)).toMatchObject({
      ...stamp,
      children: [stored, { ...stored, ...other('meta') }],
    });
  });

  test('should have the parameters that a caller wants', () => {
    expect(encodeDisk(MIRROR, { params: { a: 1 } })['params']).toEqual({ a: 1 });
    const wire = encodeDisk(MIRROR, { params: ({ template }) => ({ template }) });
    expect(wire['params']).toEqual({ template: 'drbd' });
    expect(wire['children']).toMatchObject([{ params: { template: 'plain' } }, {}]);
  });

  function other(volume: string) {
    return { uuid: `part-${volume}`, logical_id: ['xenvg', volume] };
  }
});

test('an instance should have what is its own, under the names of the wire', () => {
  const instance = {
    ...INSTANCE,
    serial: 0,
    hvParams: { boot_order: 'cd' },
    beParams: { maxMemMib: 256, autoBalance: false },
    osParamsPrivate: { password: new Secret('s3cret') },
    networkPort: 11001,
  };
  expect(encodeInstance(instance, { hide: (value) => ({ hidden: value }) })).toEqual({
    uuid: instance.id,
    name: 'web1.example.com',
    forthcoming: false,
    primary_node: instance.primaryNode,
    os: instance.os ?? '',
    hypervisor: instance.hypervisor,
    hvparams: { boot_order: 'cd' },
    beparams: { maxmem: 256, auto_balance: false },
    osparams: {},
    osparams_private: { password: { hidden: 's3cret' } },
    admin_state: instance.adminState,
    admin_state_source: 'admin',
    nics: [],
    disks: instance.diskIds,
    disks_active: instance.disksActive,
    network_port: 11001,
  });
});

test('a network should mark addresses of cards and others, each address once', () => {
  const network = {
    ...{ serial: 0, createdAtMs: 0, modifiedAtMs: 0, tags: [] },
    id: 'net' as NetworkId,
    name: 'lan',
    cidr: '192.0.2.8/29',
    reservedIps: ['192.0.2.8', '192.0.2.15'],
    strayIps: ['192.0.2.12'],
  };
  expect(encodeNetwork(network, ['192.0.2.10', '192.0.2.12', '198.51.100.1'])).toEqual({
    uuid: 'net',
    name: 'lan',
    network: '192.0.2.8/29',
    reservations: '00101000',
    ext_reservations: '10000001',
  });
});
