/** What hook scripts are told of disks, by kind of storage. */
import { expect, test } from 'vitest';
import { instanceEnv } from '../../src/hooks/instance-env.js';
import { BE_DEFAULTS } from '../../src/model/be-params.js';
import type { DiskLocation, DiskPart } from '../../src/model/disk.js';
import type { DiskTemplate } from '../../src/model/disk-template.js';
import type { DiskId } from '../../src/model/ids.js';
import { Secret } from '../../src/model/secret.js';
import { nodeIdOf } from '../../src/testing/make.js';

const NODES = [nodeIdOf('a'), nodeIdOf('b')] as const;

function partAt(volume: string): DiskPart {
  const location = { kind: 'lvm', volumeGroup: 'vg0', volume } as const;
  return { id: 'p' as DiskId, template: 'plain', sizeMib: 1, location, params: {}, nodes: NODES };
}

function env(template: DiskTemplate, location: DiskLocation, parts: DiskPart[] = []): object {
  const all = instanceEnv({
    name: 'web1',
    primary: 'a',
    secondaries: [],
    status: true,
    hypervisor: 'kvm',
    hvParams: {},
    beParams: BE_DEFAULTS,
    diskTemplate: template,
    disks: [{ sizeMib: 1, mode: 'rw', template, location, parts }],
    nics: [],
    tags: [],
  });
  const known = ['SIZE', 'MODE', 'UUID', 'DEV_TYPE', 'NAME'];
  const own = Object.entries(all).flatMap(([key, value]) => {
    const [, name = ''] = /^INSTANCE_DISK0_(.*)/.exec(key) ?? [];
    return name === '' || known.includes(name) ? [] : [[name, value]];
  });
  return Object.fromEntries(own) as object;
}

test('should tell where disks lie', () => {
  const file = { kind: 'file', driver: 'loop', path: '/srv/x' } as const;
  expect(env('file', file)).toEqual({ DRIVER: 'loop', ID: '/srv/x' });
  expect(env('plain', partAt('v').location)).toEqual({ VG: 'vg0', ID: 'v' });
  const device = { kind: 'blockdev', path: '/dev/disk/x' } as const;
  expect(env('blockdev', device)).toEqual({ DRIVER: 'manual', ID: '/dev/disk/x' });
  expect(env('rbd', { kind: 'rbd', image: 'i' })).toEqual({ DRIVER: 'rbd', ID: 'i' });
  const ext = { kind: 'ext', provider: 'acme', volume: 'v' } as const;
  expect(env('ext', ext)).toEqual({ PROVIDER: 'acme', ID: 'v' });
});

test('should tell the ends and parts of a mirror, but not its secret', () => {
  const secret = new Secret('hush');
  const drbd = { kind: 'drbd', nodes: NODES, port: 11000, minors: [0, 1], secret } as const;
  const told = env('drbd', drbd, [partAt('data'), partAt('meta')]);
  expect(told).toEqual({
    PNODE: NODES[0],
    SNODE: NODES[1],
    PORT: 11000,
    PMINOR: 0,
    SMINOR: 1,
    DATA_VG: 'vg0',
    DATA_ID: 'data',
    META_VG: 'vg0',
    META_ID: 'meta',
  });
});
