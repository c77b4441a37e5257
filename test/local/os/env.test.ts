/**
 * The environment of OS scripts, variable by variable against what Ganeti's scripts saw.
 */
import { expect, test } from 'vitest';
import type { OsDefinition } from '../../../src/local/os/definition.js';
import { coreEnv, type Env, instanceEnv } from '../../../src/local/os/env.js';
import type { NetworkId, NicId } from '../../../src/model/ids.js';
import type { RuntimeNic } from '../../../src/ports/runtime.js';
import { diskAt } from '../storage/disks.js';
import { fixture, osParams, recordedRuntime, runtime } from './instances.js';

function definition(changes: Partial<OsDefinition> = {}): OsDefinition {
  return {
    name: 'env20',
    path: '/srv/ganeti/os/env20',
    apiVersions: [20, 15, 10],
    apiVersion: 20,
    variants: ['alpha', 'beta'],
    parameters: [],
    trusted: true,
    ...changes,
  };
}

/** Variables from `NAME=value` lines; `PWD` is the shell's own, not part of what it was given. */
function parseEnv(text: string): Record<string, string> {
  const lines = text.trimEnd().split('\n');
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  return Object.fromEntries(pairs.filter(([name]) => name !== 'PWD')) as Record<string, string>;
}

/** A network's tags come in any order. */
function comparable(env: Env): Env {
  const entries = Object.entries(env).map(([name, value]) => [
    name,
    name.endsWith('_TAGS') ? value.split(' ').sort().join(' ') : value,
  ]);
  return Object.fromEntries(entries) as Env;
}

test('should give create scripts what a node daemon gives them, variable by variable', () => {
  const recorded = comparable(parseEnv(fixture('create-environment.txt')));
  const ours = comparable(instanceEnv({ os: definition(), debugLevel: 1 }, recordedRuntime()));
  expect(Object.keys(recorded).length).toBeGreaterThan(100);
  for (const [name, value] of Object.entries(recorded))
    expect(`${name}=${ours[name]}`).toBe(`${name}=${value}`);
  expect(Object.keys(ours).sort()).toEqual(Object.keys(recorded).sort());
});

test('should give verify scripts what a live cluster gave them', () => {
  const recorded = JSON.parse(fixture('live-verify.json')) as { env: Record<string, string> };
  const params = osParams(
    { dhcp: 'yes', fs: 'ext4' },
    { root_pw: 'hunter2' },
    { 'lic-key': 'topsecret' },
  );
  const os = definition({ name: 'dumpos', variants: ['v1'] });
  expect(coreEnv({ os, debugLevel: 0 }, 'dumpos+v1', params)).toEqual(recorded.env);
});

test('given parameters of one name, then private wins over public and secret over both', () => {
  const params = osParams(
    { a: 'pub', b: 'pub', c: 'pub' },
    { b: 'priv', c: 'priv' },
    { c: 'secret' },
  );
  const env = coreEnv({ os: definition(), debugLevel: 0 }, 'env20+beta', params);
  expect([env['OSP_A'], env['OSP_B'], env['OSP_C']]).toEqual(['pub', 'priv', 'secret']);
});

test('should choose the variant by version, list and request', () => {
  const variant = (asked: string, os: Partial<OsDefinition>): string | undefined =>
    coreEnv({ os: definition(os), debugLevel: 0 }, asked, osParams())['OS_VARIANT'];
  expect(variant('env20+beta', {})).toBe('beta');
  expect(variant('env20', {})).toBe('alpha');
  expect(variant('env20+x', { variants: [] })).toBe('');
  expect(variant('env20+beta', { apiVersion: 10 })).toBe('');
});

test('should write what is not set the way Python does, or not at all', () => {
  const nic: RuntimeNic = {
    id: 'nic-uuid' as NicId,
    mac: 'aa:00:00:00:00:01',
    params: { mode: 'openvswitch', link: 'sw0', vlan: '.5' },
    network: {
      id: 'net-uuid' as NetworkId,
      name: 'net1',
      cidr: '192.0.2.0/24',
      cidr6: '2001:db8::/64',
      gateway6: '2001:db8::1',
      reservedIps: [],
      serial: 1,
      createdAtMs: 0,
      modifiedAtMs: 0,
      tags: [],
    },
  };
  const given = runtime(undefined, {
    hvParams: {
      root_path: null,
      acpi: false,
      serial_speed: 38400,
      disk_type: 'scsi',
      nic_type: '',
    },
    nics: [nic],
    disks: [diskAt('/srv/d', 4)],
  });
  const env = instanceEnv({ os: definition(), debugLevel: 0 }, given);
  expect(env['INSTANCE_OS']).toBe('None');
  expect(env['INSTANCE_CTIME']).toBe('1700000000.25');
  expect(env['INSTANCE_MTIME']).toBe('1700000000.0');
  expect(env['INSTANCE_SECONDARY_NODES']).toBe('');
  expect(env['INSTANCE_HV_root_path']).toBe('None');
  expect(env['INSTANCE_HV_acpi']).toBe('False');
  expect(env['INSTANCE_HV_serial_speed']).toBe('38400');
  expect(
    Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('DISK_0'))),
  ).toEqual({
    DISK_0_PATH: '/srv/d',
    DISK_0_SIZE: '4',
    DISK_0_ACCESS: 'rw',
    DISK_0_UUID: given.disks[0]?.id,
    DISK_0_FRONTEND_TYPE: 'scsi',
    DISK_0_BACKEND_TYPE: 'file:loop',
  });
  expect(
    Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('NIC_0'))),
  ).toEqual({
    NIC_0_MAC: 'aa:00:00:00:00:01',
    NIC_0_UUID: 'nic-uuid',
    NIC_0_MODE: 'openvswitch',
    NIC_0_LINK: 'sw0',
    NIC_0_FRONTEND_TYPE: '',
    NIC_0_NETWORK_NAME: 'net1',
    NIC_0_NETWORK_UUID: 'net-uuid',
    NIC_0_NETWORK_TAGS: '',
    NIC_0_NETWORK_SUBNET: '192.0.2.0/24',
    NIC_0_NETWORK_SUBNET6: '2001:db8::/64',
    NIC_0_NETWORK_GATEWAY6: '2001:db8::1',
  });
});
