/**
 * Taking over a Ganeti cluster's `config.data`, and writing it back.
 */
import { describe, expect, test } from 'vitest';
import { readConfigData } from '../../../src/ganeti/config/read.js';
import type { ConfigRest } from '../../../src/ganeti/config/rest.js';
import { writeConfigData } from '../../../src/ganeti/config/write.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { CONFIGS, configOf, set, takeOver } from './takeover.js';

const LIVE = configOf('6-instances-network-import-kvm');
const MIRRORED = configOf('cfg-e3a72c037b8e');

describe('a configuration that nobody changed', () => {
  test.each(CONFIGS)('should be written as it was read: $about', async ({ config }) => {
    const { store, rest } = await takeOver(config);
    const kept = JSON.parse(JSON.stringify(rest)) as ConfigRest;
    expect(writeConfigData(store, kept)).toEqual(config);
  });

  test('should be read from text, too', () => {
    expect(readConfigData(JSON.stringify(LIVE))).toEqual(readConfigData(LIVE));
  });

  test('should leave nothing of instances and networks to the rest but what says "none"', () => {
    const { fields = {} } = readConfigData(LIVE).rest;
    for (const kind of ['instances', 'networks', 'disks', 'nodes']) {
      for (const [id, { fields: lost = {} }] of Object.entries(fields[kind]?.fields ?? {})) {
        const unclear = Object.keys(lost).filter((key) => !HARMLESS.has(key));
        expect({ kind, id, unclear }).toEqual({ kind, id, unclear: [] });
      }
    }
  });
});

/** Empty lists, `false`, and the seventh digit of a second. */
const HARMLESS = new Set(['tags', 'forthcoming', 'ctime', 'mtime', 'members']);

function reservations(config: JsonObject, network = ''): string {
  const networks = config['networks'] as Record<string, { readonly reservations: string }>;
  return networks[network]?.reservations ?? '';
}

describe('a configuration that was changed', () => {
  test('should show the changes, and keep the rest', async () => {
    const { store, rest } = await takeOver(LIVE);
    const [instance] = store.all('instance');
    const id = instance?.id ?? '';
    await store.commit('test', (draft) => {
      draft.update('instance', id, (changing) => {
        changing.adminState = 'offline';
        changing.tags = ['a', 'b'];
      });
    });
    const before = (LIVE['instances'] as JsonObject)[id] as JsonObject;
    const written = writeConfigData(store, rest);
    const after = (written['instances'] as JsonObject)[id];
    const { mtime } = after as JsonObject;
    const serial = Number(before['serial_no']) + 1;
    const changes = { admin_state: 'offline', tags: ['a', 'b'], serial_no: serial, mtime };
    expect(written).toEqual(set(LIVE, { ...before, ...changes } as JsonObject, 'instances', id));
  });

  test('should not show what was removed, nor its addresses', async () => {
    const { store, rest } = await takeOver(LIVE);
    const network = [...store.all('network')][0];
    const users = [...store.all('instance')].filter(({ nics }) =>
      nics.some(({ networkId }) => networkId === network?.id),
    );
    await store.commit('test', (draft) => {
      for (const { id, diskIds } of users) {
        draft.remove('instance', id);
        for (const disk of diskIds) draft.remove('disk', disk);
      }
    });
    const written = writeConfigData(store, rest);
    const left = Object.keys(LIVE['instances'] as JsonObject).length - users.length;
    expect(users.length).toBeGreaterThan(0);
    expect(Object.keys(written['instances'] as JsonObject)).toHaveLength(left);
    const stray = network?.strayIps?.length ?? 0;
    expect(reservations(written, network?.id).replaceAll('0', '')).toHaveLength(stray);
  });

  test('should mark the address of a new card', async () => {
    const { store, rest } = await takeOver(LIVE);
    const [network] = store.all('network');
    const claims = store.reservations('test');
    const ip = network === undefined ? '' : claims.drawIp(network.id);
    const instance = [...store.all('instance')].find(({ nics }) => nics.length > 0);
    await store.commit(
      'test',
      (draft) => {
        draft.update('instance', instance?.id ?? '', ({ nics: [nic] }) => {
          if (nic === undefined || network === undefined) return;
          delete nic.ip;
          Object.assign(nic, { ip, networkId: network.id });
        });
      },
      { owner: 'test' },
    );
    const marks = reservations(writeConfigData(store, rest), network?.id);
    expect(marks[Number(ip.split('.')[3])]).toBe('1');
  });
});

describe('what is taken in a configuration that was taken over', () => {
  test('should be what mirrors and their parts have', async () => {
    const { store, disks } = await takeOver(MIRRORED);
    const mirrors = disks.filter(({ template }) => template === 'drbd');
    expect(mirrors.length).toBeGreaterThan(0);
    for (const { id, location, parts = [] } of mirrors) {
      if (location.kind !== 'drbd') throw new Error('not a mirror');
      location.nodes.forEach((node, end) => {
        expect(store.holderOf('minor', `${node}/${location.minors[end]}`)).toBe(id);
      });
      expect(parts).toHaveLength(2);
      for (const part of parts) expect(store.holderOf('id', part.id)).toBe(id);
    }
  });

  test('should be addresses that no card explains', async () => {
    const { store, networks } = await takeOver(configOf('cfg-f1416bfa54b1'));
    const network = networks.find(({ strayIps = [] }) => strayIps.length > 0);
    const [stray = ''] = network?.strayIps ?? [];
    const claims = store.reservations('test');
    expect(() => claims.ip(stray, network?.id)).toThrow(stray);
  });
});

describe('private values', () => {
  const SECRET = 'hunter2';

  test('should be written in clear, unless they are to be hidden', async () => {
    const { store, rest } = await takeOver(LIVE);
    expect(JSON.stringify(writeConfigData(store, rest))).toContain(SECRET);
    const hidden = writeConfigData(store, rest, { hide: () => 'hidden' });
    expect(JSON.stringify(hidden)).not.toContain(SECRET);
  });

  test('should not be in the rest', () => {
    const { rest, ...objects } = readConfigData(LIVE);
    expect(JSON.stringify(rest)).not.toContain(SECRET);
    expect(JSON.stringify(objects)).not.toContain(SECRET);
  });
});

test('a disk that belongs to nobody should be kept in the rest', async () => {
  const ids = Object.keys(LIVE['disks'] as JsonObject);
  const disk = (LIVE['disks'] as JsonObject)[ids[0] ?? ''] as JsonObject;
  const detached = set(LIVE, { ...disk, uuid: 'disk-of-nobody' }, 'disks', 'disk-of-nobody');
  const { store, rest, disks } = await takeOver(detached);
  expect(disks).toHaveLength(ids.length);
  expect(writeConfigData(store, rest)).toEqual(detached);
});

describe('a bad configuration', () => {
  const [instance = ''] = Object.keys(LIVE['instances'] as JsonObject);
  const [network = ''] = Object.keys(LIVE['networks'] as JsonObject);
  const [disk = ''] = Object.keys(LIVE['disks'] as JsonObject);
  const bad: readonly (readonly [string, string | JsonObject, RegExp])[] = [
    ['no JSON', '{', /not JSON/],
    ['no object', '7', /configuration cannot be read/],
    ['another version', set(LIVE, 2_160_000, 'version'), /version 2160000, not 3000000/],
    ['no version', set(LIVE, null, 'version'), /version/],
    ['no nodes', set(LIVE, [], 'nodes'), /nodes/],
    [
      'a wrong field',
      set(LIVE, 'perhaps', 'instances', instance, 'admin_state'),
      /instance 'inst\d\.example\.com'.*admin_state/,
    ],
    [
      'a card without address',
      set(LIVE, [{ uuid: 'n', nicparams: {} }], 'instances', instance, 'nics'),
      /network card 'n'.*mac/,
    ],
    ['a disk elsewhere', set(LIVE, 'x', 'disks', disk, 'uuid'), /uuid/],
    ['a disk nowhere', set(LIVE, ['gone'], 'instances', instance, 'disks'), /there is no gone/],
    ['a bad place', set(LIVE, ['loop'], 'disks', disk, 'logical_id'), /logical_id.*file disk/],
    ['a bad network', set(LIVE, '10.0.0', 'networks', network, 'network'), /'net1'.*IPv4/],
    ['bad bits', set(LIVE, '012', 'networks', network, 'reservations'), /reservations.*0 and 1/],
    ['a trap', JSON.stringify(LIVE).replace('"filters"', '"__proto__"'), /__proto__/],
  ];

  test.each(bad)('should be refused: %s', (_, source, message) => {
    expect(() => readConfigData(source)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'corrupt' }) as Error,
    );
    expect(() => readConfigData(source)).toThrow(message);
  });
});
