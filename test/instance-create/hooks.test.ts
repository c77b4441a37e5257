import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hookEnvironment } from '../../src/hooks/env.js';
import { createEnv } from '../../src/instance-create/hooks.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { NetworkId, NicId } from '../../src/model/ids.js';
import type { Network } from '../../src/model/network.js';
import type { OsFacts } from '../../src/ports/node-facts.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { DESCRIPTION, importOf, inTime, openLab } from './import-support.js';
import { create, openCluster, request } from './support.js';

type Env = Readonly<Record<string, string>>;

/** What a script on a real Ganeti 3.0 cluster found in its environment. */
function recorded(name: string): { readonly pre: Env; readonly post: Env } {
  const url = new URL(`../fixtures/hooks/instance-add-${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as { pre: Env; post: Env };
}

/** Random parts, by their form. */
function masked(env: Env): Env {
  const entries = Object.entries(env).map(([key, value]) => {
    if (/_NIC\d+_UUID$/.test(key)) return [key, value.replace(/^[0-9a-f-]{36}$/, '<uuid>')];
    if (/_NIC\d+_MAC$/.test(key))
      return [key, value.replace(/^aa:00:00(:[0-9a-f]{2}){3}$/, '<mac>')];
    return [key, value];
  });
  return Object.fromEntries(entries) as Env;
}

function os(name: string): OsFacts {
  return { name, apiVersions: [20], variants: [], parameters: [], trusted: true };
}

/** The recorded cluster: one node, bridges on br0. */
function recordedCluster(hook: TestClusterOptions['hook'] = () => []): Promise<TestCluster> {
  return openCluster({
    hook,
    nodes: [{ name: 'node1.example.com' }],
    nodeState: {
      osDefinitions: new Map(['noop', 'dumpos'].map((name) => [name, os(name)])),
      bridges: new Set(['br0']),
    },
    cluster: {
      nicParams: { mode: 'bridged', link: 'br0', vlan: '' },
      hvParams: { kvm: { kernel_path: '', vnc_bind_address: '0.0.0.0' } },
    },
  });
}

const CASES: readonly { readonly name: string; readonly op: Partial<CreateOp> }[] = [
  {
    name: 'diskless',
    op: { instanceName: 'inst1.example.com', diskTemplate: 'diskless', disks: [], start: false },
  },
  {
    name: 'sharedfile-noinstall',
    op: {
      instanceName: 'inst4.example.com',
      diskTemplate: 'sharedfile',
      disks: [{ size: '16M' }],
      osType: 'dumpos+v1',
      noInstall: true,
      start: false,
    },
  },
  {
    name: 'kvm',
    op: {
      instanceName: 'kvm1.example.com',
      disks: [{ size: '16M' }],
      hypervisor: 'kvm',
      hvParams: { kernel_path: '', boot_order: 'disk', acpi: true, serial_console: false },
      beParams: { memoryMib: 128 },
      nics: [{ mode: 'bridged', link: 'br0' }],
    },
  },
];

test.each(CASES)(
  'given the recorded creation $name, when hooks run, then they see what Ganeti showed',
  async ({ name, op }) => {
    const seen = new Map<string, Env>();
    const cluster = await recordedCluster(({ phase, env }) => {
      seen.set(phase, env);
      return [];
    });
    await create(cluster, request({ pnode: 'node1.example.com', osType: 'noop', ...op }));
    const { pre, post } = recorded(name);
    expect(masked(seen.get('pre') ?? {})).toEqual(masked(pre));
    expect(masked(seen.get('post') ?? {})).toEqual(masked(post));
  },
);

const NET1: Network = {
  id: 'e6f3d3de-7e20-4975-a72b-73b266e76a89' as NetworkId,
  name: 'net1',
  cidr: '10.20.30.0/24',
  gateway: '10.20.30.1',
  cidr6: '2001:db8:20::/64',
  gateway6: '2001:db8:20::1',
  macPrefix: 'aa:bb:cc',
  reservedIps: [],
  tags: ['nettag'],
  serial: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
};

test('given a card in a network, when its variables are made, then they are those of Ganeti', async () => {
  const cluster = await recordedCluster();
  const op = request({
    instanceName: 'inst2.example.com',
    pnode: 'node1.example.com',
    disks: [
      { size: '32M', name: 'root' },
      { size: '16M', name: 'data' },
    ],
    nics: [{ name: 'front' }, { mode: 'routed', link: '100', ip: '10.99.0.5' }],
    osType: 'dumpos+v1',
    osParams: { fs: 'ext4', dhcp: 'yes' },
    osParamsPrivate: { root_pw: 'hunter2' },
    osParamsSecret: { lic_key: 'topsecret' },
    tags: ['env:test', 'owner:alice'],
    beParams: { minMemMib: 128, maxMemMib: 256, vcpus: 2, alwaysFailover: true },
  });
  const { plan } = await cluster.plan(new LUInstanceCreate(), op);
  // The card as it would be in a network that the node's group is connected to.
  const [front, ...others] = plan.nics;
  if (front === undefined) throw new Error('the plan has no card');
  const joined = {
    ...front,
    id: '2593d726-e9f5-4f6a-b3fc-50d074a2e454' as NicId,
    mac: 'aa:bb:cc:1c:a3:69',
    ip: '10.20.30.3',
    networkId: NET1.id,
    network: NET1,
  };
  const env = createEnv({ ...plan, nics: [joined, ...others] }, (id) => id);
  const situation = {
    path: 'instance-add',
    objectType: 'INSTANCE',
    opName: 'OP_INSTANCE_CREATE',
    clusterName: 'cluster.example.com',
    masterName: 'node1.example.com',
    dataDir: '/var/lib/ganeti',
  } as const;
  const { pre, post } = recorded('file-2disk-2nic');
  expect(masked(hookEnvironment({ ...situation, phase: 'pre' }, env))).toEqual(masked(pre));
  expect(masked(hookEnvironment({ ...situation, phase: 'post' }, env, env))).toEqual(masked(post));
});

test('given a master elsewhere, when an instance is created, then hooks run there and on its node', async () => {
  const ran: string[] = [];
  const cluster = await openCluster({
    hook: ({ phase, node }) => {
      ran.push(`${phase} ${node}`);
      return [];
    },
  });
  await create(cluster, request({ pnode: 'node2' }));
  expect(ran.sort()).toEqual(['post node1', 'post node2', 'pre node1', 'pre node2']);
});

test('given an export with odd file names, when hooks run, then they read them as Python prints them', async () => {
  const seen: (string | undefined)[] = [];
  const disks = ["it's", `"it's"`, 'back\\slash', undefined].map((dump) =>
    dump === undefined ? { sizeMib: 8 } : { sizeMib: 8, dump },
  );
  const { cluster } = await openLab({
    description: { ...DESCRIPTION, instance: { ...DESCRIPTION.instance, disks } },
    hook: ({ env }) => {
      seen.push(env['GANETI_SRC_IMAGES'], env['GANETI_SRC_NODE'], env['GANETI_SRC_PATH']);
      return [];
    },
  });
  await inTime(cluster, create(cluster, importOf()));
  const directory = '/var/lib/ganeti/export/old';
  expect(seen.slice(0, 3)).toEqual([
    `["${directory}/it's", '${directory}/"it\\'s"', '${directory}/back\\\\slash', False]`,
    'node2',
    directory,
  ]);
});

test('given a pre hook that refuses, when an instance is created, then nothing is made', async () => {
  const cluster = await openCluster({
    hook: ({ phase }) =>
      phase === 'pre' ? [{ script: '10-quota', status: 'failed', output: 'over quota' }] : [],
  });
  await expect(create(cluster, request())).rejects.toMatchObject({
    kind: 'hooks',
    failures: [{ node: 'node1', script: '10-quota', output: 'over quota' }],
  });
  expect(await cluster.leftovers()).toEqual([]);
  expect(cluster.config.count('instance')).toBe(0);
});

test('given a post hook that fails, when an instance is created, then it stays, with a warning', async () => {
  const cluster = await openCluster({
    hook: ({ phase }) =>
      phase === 'post' ? [{ script: '10-dns', status: 'failed', output: 'no server' }] : [],
  });
  expect(await create(cluster, request())).toEqual(['node1']);
  expect(cluster.transcript.at(-1)).toBe('warn post hook 10-dns on node1: no server');
});
