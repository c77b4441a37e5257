/**
 * Cards in networks: whose parameters they take, and which addresses.
 */
import { expect, test } from 'vitest';
import type { OwnedReservations } from '../../src/index.js';
import {
  askingNics,
  drawMacs,
  joinNetworks,
  keepFormerMacs,
  type NicsWanted,
  planNics,
  type PlannedNics,
} from '../../src/instance-create/prereq/nics.js';
import type { NicRequest } from '../../src/instance-create/op.js';
import type { GroupId, InstanceId, NetworkId, NicId } from '../../src/model/ids.js';
import type { Network } from '../../src/model/network.js';
import { DEFAULT_COMPATIBILITY } from '../../src/compatibility.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { create, openCluster, request } from './support.js';

const CONNECTED = { mode: 'openvswitch', link: 'sw1', vlan: '.8' } as const;

function network(name: string, cidr: string, facts: Partial<Network> = {}): Network {
  return {
    id: `id-of-${name}` as NetworkId,
    name,
    cidr,
    reservedIps: [],
    tags: [],
    serial: 1,
    createdAtMs: 0,
    modifiedAtMs: 0,
    ...facts,
  };
}

const LAN = network('lan', '172.20.0.0/29', {
  reservedIps: ['172.20.0.0', '172.20.0.1', '172.20.0.7'],
  macPrefix: '02:77:00',
});
const FAR = network('far', '172.21.0.0/29');

/** A cluster whose first node's group knows one of two networks, with an instance in it. */
function cluster(): Promise<TestCluster> {
  const nics = [
    {
      id: 'nic-1' as NicId,
      mac: '02:77:00:00:00:01',
      ip: '172.20.0.2',
      networkId: LAN.id,
      params: CONNECTED,
    },
  ];
  return openCluster({
    networks: [LAN, FAR],
    groups: [{ id: 'g-lan' as GroupId, name: 'near', networks: { [LAN.id]: CONNECTED } }],
    nodes: [{ name: 'node1', groupId: 'g-lan' as GroupId }, { name: 'node2' }],
    instances: [{ id: 'id-of-old' as InstanceId, name: 'old.example.com', nics }],
  });
}

interface Rest {
  readonly node?: string;
  readonly conflicts?: boolean;
  readonly identifyDefaults?: boolean;
}

/** The cards as the rooms would plan them, one room after the other. */
async function joined(nics: readonly NicRequest[], rest: Rest = {}): Promise<PlannedNics> {
  const { config } = await cluster();
  return join(nics, config, config.reservations('job-1'), rest);
}

function join(
  nics: readonly NicRequest[],
  config: TestCluster['config'],
  reserve: OwnedReservations,
  { node = 'node1', conflicts = true, identifyDefaults = false }: Rest = {},
): PlannedNics {
  const ctx = { config, reserve, compatibility: DEFAULT_COMPATIBILITY, report: SILENT };
  const wanted: NicsWanted = {
    nics,
    host: { name: 'web1.example.com' },
    checks: { name: false, ip: false, conflicts, policy: true },
    op: { identifyDefaults },
  };
  const drawn = drawMacs(planNics(wanted, ctx), ctx);
  return joinNetworks(drawn, nodeIdOf(node), conflicts, ctx);
}

const SILENT = { info: () => undefined };

test('cards in a network should take its parameters, its prefix and its lowest addresses', async () => {
  const { own, filled } = await joined([
    { network: 'lan', ip: 'pool', vlan: '.9' },
    { network: LAN.id, ip: '172.20.0.4' },
    { network: 'lan', ip: 'pool' },
    { network: 'lan' },
  ]);

  expect(own.map(({ ip }) => ip)).toEqual(['172.20.0.3', '172.20.0.4', '172.20.0.5', undefined]);
  for (const nic of own) {
    expect(nic).toMatchObject({ networkId: LAN.id, params: CONNECTED });
    expect(nic.mac).toMatch(/^02:77:00:/);
  }
  expect(filled.map((nic) => nic.network?.name)).toEqual(['lan', 'lan', 'lan', 'lan']);
});

test('a card outside networks should have the parameters of the cluster, and its prefix', async () => {
  const { own, filled } = await joined([{ ip: '10.9.9.9', link: 'br5' }]);
  expect(own).toMatchObject([{ ip: '10.9.9.9', params: { link: 'br5' } }]);
  expect(filled).toMatchObject([{ params: { mode: 'bridged', link: 'br5', vlan: '' } }]);
  expect(own[0]?.networkId).toBeUndefined();
  expect(own[0]?.mac).toMatch(/^aa:00:00:/);
});

test.each<{ nic: NicRequest; rest?: Rest; code: string; says: RegExp }>([
  {
    nic: { network: 'far', ip: 'pool' },
    code: 'wrong_input',
    says: /to which group near is not connected/,
  },
  {
    nic: { network: 'lan' },
    rest: { node: 'node2' },
    code: 'wrong_input',
    says: /group default is not connected/,
  },
  {
    nic: { network: 'lan', ip: '172.20.0.2' },
    code: 'resource_not_unique',
    says: /cannot have 172\.20\.0\.2 in network lan/,
  },
  { nic: { network: 'lan', ip: '172.20.0.1' }, code: 'resource_not_unique', says: /kept free/ },
  { nic: { network: 'lan', ip: '172.20.1.1' }, code: 'resource_not_unique', says: /is no addr/ },
  {
    nic: { network: 'lan', ip: '172.20.1.1' },
    rest: { conflicts: false },
    code: 'resource_not_unique',
    says: /is no address of network lan/,
  },
  { nic: { network: 'lan', ip: '::1' }, code: 'resource_not_unique', says: /is no address/ },
  { nic: { ip: '172.20.0.6' }, code: 'wrong_state', says: /belongs to network lan/ },
  { nic: { network: 'lan', mode: 'bridged' }, code: 'wrong_input', says: /leave them out/ },
])('should refuse $nic: $says', async ({ nic, rest, code, says }) => {
  const run = joined([nic], rest);
  await expect(run).rejects.toMatchObject({ name: 'PrereqError', code });
  await expect(run).rejects.toThrow(says);
});

test('without the check for conflicts, addresses that are kept free may be given', async () => {
  const { own } = await joined(
    [{ network: 'lan', ip: '172.20.0.1' }, { ip: '172.20.0.6' }, { ip: '172.21.0.3' }],
    { conflicts: false },
  );
  expect(own.map(({ ip }) => ip)).toEqual(['172.20.0.1', '172.20.0.6', '172.21.0.3']);
});

test('an address of a network that the group does not know is no conflict', async () => {
  expect((await joined([{ ip: '172.21.0.3' }])).own[0]?.ip).toBe('172.21.0.3');
});

test('given a full pool, the card that gets nothing should be told', async () => {
  const pool = { network: 'lan', ip: 'pool' };
  const run = joined([pool, pool, pool, pool, pool]);
  await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
  await expect(run).rejects.toThrow(/Network card 4 gets no address/);
});

test('addresses should be claimed for others, and free again when the attempt ends', async () => {
  const { config } = await cluster();
  const [mine, other] = [config.reservations('job-1'), config.reservations('job-2')];
  const pool = [{ network: 'lan', ip: 'pool' }];
  expect(join(pool, config, mine).own[0]?.ip).toBe('172.20.0.3');
  expect(join(pool, config, other).own[0]?.ip).toBe('172.20.0.4');
  mine.release();
  expect(join(pool, config, config.reservations('job-3')).own[0]?.ip).toBe('172.20.0.3');
});

test('an allocator should see hardware addresses, and addresses to be drawn as a word', async () => {
  const { config } = await cluster();
  const reserve = config.reservations('job-1');
  const drawn = drawMacs(
    [
      { mac: { kind: 'auto' }, ip: { kind: 'pool' }, networkId: LAN.id, params: {} },
      { mac: { kind: 'given', address: '02:00:00:00:00:09' }, ip: { kind: 'none' }, params: {} },
    ],
    { config, reserve },
  );
  const [first, second] = askingNics(drawn, config).own;
  expect(first).toMatchObject({ ip: 'pool', networkId: LAN.id, params: {} });
  expect(second).toEqual({ id: drawn[1]?.id, mac: '02:00:00:00:00:09', params: {} });
});

test('an import should keep hardware addresses where nothing else was asked for', async () => {
  const { config } = await cluster();
  const reserve = config.reservations('job-1');
  const cards = (['auto', 'generate', 'auto'] as const).map((kind) => ({
    mac: { kind },
    ip: { kind: 'none' as const },
    params: {},
  }));
  const kept = keepFormerMacs(cards, ['02:00:00:00:00:01', '02:00:00:00:00:02'], { reserve });
  expect(kept.map(({ mac }) => mac)).toEqual([
    { kind: 'given', address: '02:00:00:00:00:01' },
    { kind: 'generate' },
    { kind: 'auto' },
  ]);
  expect(config.holderOf('mac', '02:00:00:00:00:01')).toBe('job-1');
});

test('defaults should be dropped before it is asked whether the rest may join a network', async () => {
  const nic: NicRequest = { network: 'lan', mode: 'bridged', link: 'xen-br0' };
  const { own } = await joined([nic], { identifyDefaults: true });
  expect(own).toMatchObject([{ params: CONNECTED }]);
});

test('an instance should be made with its addresses, and a failed one give them back', async () => {
  const lan = await cluster();
  const nics = [{ network: 'lan', ip: 'pool' }];
  await create(lan, request({ nics }));
  expect(lan.config.findInstance('web1.example.com')?.nics).toMatchObject([
    { ip: '172.20.0.3', networkId: LAN.id, params: CONNECTED },
  ]);

  const many = [...nics, ...nics, ...nics, { ip: '172.20.0.6' }];
  const failing = create(lan, request({ instanceName: 'web2.example.com', nics: many }));
  await expect(failing).rejects.toMatchObject({ code: 'wrong_state' });
  await create(lan, request({ instanceName: 'web3.example.com', nics }));

  expect(lan.config.findInstance('web3.example.com')?.nics[0]?.ip).toBe('172.20.0.4');
});

test('a card by which the instance talks to its node should be the last one', async () => {
  const talking = await openCluster({
    cluster: { communicationNetwork: 'lan' },
    networks: [LAN],
    groups: [{ id: 'g-lan' as GroupId, name: 'near', networks: { [LAN.id]: CONNECTED } }],
    nodes: [{ name: 'node1', groupId: 'g-lan' as GroupId }, { name: 'node2' }],
  });
  await create(talking, request({ instanceCommunication: true }));
  const cards = talking.config.findInstance('web1.example.com')?.nics;
  expect(cards?.map(({ name, ip }) => [name, ip])).toEqual([
    [undefined, undefined],
    ['ganeti:communication:web1.example.com', '172.20.0.2'],
  ]);
});

test('given a network that is removed meanwhile, when cards join it, then it is named', async () => {
  const { config } = await cluster();
  const reserve = config.reservations('job-1');
  const gone = 'id-of-none' as NetworkId;
  const card = { id: 'nic-1' as NicId, mac: 'aa:00:00:00:00:01', networkId: gone, params: {} };
  const ip = { kind: 'pool' } as const;
  expect(() =>
    joinNetworks([{ ...card, ip }], nodeIdOf('node1'), true, { config, reserve, report: SILENT }),
  ).toThrow('There is no network with the id id-of-none');
});

test('given a claim that fails for a reason of its own, when cards join, then that is told as it is', async () => {
  const { config } = await cluster();
  const broken = new Error('the store is gone');
  const reserve = Object.assign(config.reservations('job-1'), {
    drawIp: () => {
      throw broken;
    },
  });
  expect(() => join([{ network: 'lan', ip: 'pool' }], config, reserve)).toThrow(broken);
});
