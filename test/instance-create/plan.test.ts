import { expect, test } from 'vitest';
import { DEFAULT_COMPATIBILITY } from '../../src/compatibility.js';
import { fakeHypervisor } from '../../src/hypervisors/fake.js';
import { readArgs } from '../../src/instance-create/args/read-args.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { CreatePlan } from '../../src/instance-create/types.js';
import type { NamesContext } from '../../src/lu-base.js';
import { Secret } from '../../src/model/secret.js';
import { DEFAULT_SITE } from '../../src/ports/site.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { create, openCluster, placedRequest, request } from './support.js';

async function planOf(
  op: CreateOp,
  options: TestClusterOptions = {},
): Promise<{ plan: CreatePlan; cluster: TestCluster }> {
  const cluster = await openCluster(options);
  const { plan } = await cluster.plan(new LUInstanceCreate(), op);
  return { plan, cluster };
}

test('given a dry run, when it ends, then the plan says everything and nothing has changed', async () => {
  const cluster = await openCluster({ cluster: { wipeDisks: true } });
  const before = (await cluster.store.range('')).entries;
  const op = placedRequest({
    hypervisor: 'kvm',
    hvParams: { boot_order: 'network' },
    beParams: { vcpus: 2 },
    tags: ['web'],
  });
  const { plan, locks } = await cluster.plan(new LUInstanceCreate(), op);
  const ids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  const { hvParams: _hv, ...others } = plan;
  const shown = JSON.stringify(others, null, 1).replaceAll(ids, '#');
  expect(shown.replaceAll(/(?<="mac": ")[^"]+/g, '<mac>')).toMatchInlineSnapshot(`
    "{
     "mode": "create",
     "nodes": {
      "primary": {
       "id": "node-node1",
       "name": "node1"
      },
      "secondaries": []
     },
     "instance": {
      "id": "#",
      "name": "web1.example.com",
      "primaryNode": "node-node1",
      "secondaryNodes": [],
      "os": "debian",
      "hypervisor": "kvm",
      "hvParams": {
       "boot_order": "network"
      },
      "beParams": {
       "vcpus": 2
      },
      "osParams": {},
      "osParamsPrivate": {},
      "adminState": "down",
      "nics": [
       {
        "params": {},
        "id": "#",
        "mac": "<mac>"
       }
      ],
      "diskIds": [
       "#"
      ],
      "diskTemplate": "file",
      "disksActive": false,
      "networkPort": 11000,
      "tags": [
       "web"
      ],
      "serial": 0,
      "createdAtMs": 0,
      "modifiedAtMs": 0
     },
     "provision": "make",
     "disks": [
      {
       "id": "#",
       "instanceId": "#",
       "index": 0,
       "template": "file",
       "sizeMib": 64,
       "mode": "rw",
       "params": {},
       "nodes": [
        "node-node1"
       ],
       "location": {
        "kind": "file",
        "driver": "loop",
        "path": "/srv/ganeti/file-storage/web1.example.com/#.file.disk0"
       },
       "tags": [],
       "serial": 0,
       "createdAtMs": 0,
       "modifiedAtMs": 0
      }
     ],
     "adopted": [],
     "wantedDisks": [
      {
       "sizeMib": 64,
       "mode": "rw"
      }
     ],
     "storageDirs": [
      "/srv/ganeti/file-storage/web1.example.com"
     ],
     "exclusiveStorage": [],
     "beParams": {
      "maxMemMib": 128,
      "minMemMib": 128,
      "vcpus": 2,
      "spindleUse": 1,
      "autoBalance": true,
      "alwaysFailover": false
     },
     "osParams": {
      "public": {},
      "private": {},
      "secret": {}
     },
     "osTrusted": true,
     "nics": [
      {
       "params": {
        "mode": "bridged",
        "link": "xen-br0",
        "vlan": ""
       },
       "id": "#",
       "mac": "<mac>"
      }
     ],
     "steps": {
      "wipe": true,
      "install": true,
      "waitForSync": true,
      "start": true
     },
     "request": {
      "sourceArgs": {},
      "compress": "none",
      "sourceShutdownTimeoutS": 120
     }
    }"
  `);
  expect(plan.hvParams).toMatchObject({ boot_order: 'network', kernel_args: 'ro' });
  expect(Object.keys(plan.hvParams).length).toBeGreaterThan(50);
  expect(locks).toEqual({
    instance: ['web1.example.com'],
    nodegroup: ['group-default'],
    node: ['node-node1'],
    'node-res': ['node-node1'],
  });
  expect((await cluster.store.range('')).entries).toEqual(before);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a plan, when somebody changes it, then that throws, down to its leaves', async () => {
  const { plan } = await planOf(request({ osParamsSecret: { key: 'x' } }));
  const parts: unknown[] = [plan];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (typeof part !== 'object' || part === null) continue;
    expect(Object.isFrozen(part)).toBe(true);
    parts.push(...(Object.values(part) as unknown[]));
  }
});

test('given a short name, when it is looked up, then the full one counts, and cards take its address', async () => {
  const op = request({
    instanceName: 'WEB1',
    nameCheck: true,
    ipCheck: true,
    nics: [{ ip: 'auto' }, { ip: 'none' }],
  });
  const { plan, cluster } = await planOf(op);
  expect(plan.instance.name).toBe('web1.example.com');
  expect(plan.nics.map(({ ip }) => ip)).toEqual(['192.0.2.50', undefined]);
  expect(plan.storageDirs).toEqual(['/srv/ganeti/file-storage/web1.example.com']);
  expect(cluster.transcript).toContainEqual(expect.stringContaining("'web1' resolves to"));
});

test('given a resolver that means another host, when a name is looked up, then it is refused', async () => {
  const { config } = await openCluster();
  const quiet = (): void => undefined;
  const ctx: NamesContext = {
    config,
    report: {
      step: quiet,
      progress: quiet,
      info: quiet,
      warn: quiet,
      offer: quiet,
      rung: quiet,
    },
    signal: new AbortController().signal,
    jobId: 'job',
    clock: new ManualClock(),
    compatibility: DEFAULT_COMPATIBILITY,
    site: DEFAULT_SITE,
    hypervisor: fakeHypervisor,
    resolver: {
      resolve: () => Promise.resolve({ name: 'other.example.com', ip: '192.0.2.9' }),
      answers: () => Promise.resolve(false),
    },
  };
  const run = readArgs(request({ nameCheck: true }), ctx);
  await expect(run).rejects.toMatchObject({ code: 'wrong_input' });
  await expect(run).rejects.toThrow("'web1.example.com' resolves to 'other.example.com'");
});

test('given parameters of all layers, when a plan is made, then later ones win', async () => {
  const { plan } = await planOf(
    request({
      hypervisor: 'kvm',
      osType: 'debian+minimal',
      hvParams: { kernel_args: 'own' },
      osParams: { c: 'own' },
      osParamsPrivate: { p: 'own' },
    }),
    {
      cluster: {
        hvParams: { kvm: { kernel_args: 'cluster', vga: 'cluster', machine_version: 'cluster' } },
        osHvParams: { 'debian+minimal': { kvm: { vga: 'os', kernel_args: 'os' } } },
        osParams: { debian: { a: 'os', b: 'os', c: 'os' }, 'debian+minimal': { b: 'variant' } },
        osParamsPrivate: { debian: { p: new Secret('os'), q: new Secret('os') } },
      },
    },
  );
  expect(plan.hvParams).toMatchObject({
    kernel_args: 'own',
    vga: 'os',
    machine_version: 'cluster',
    boot_order: 'disk',
  });
  expect(plan.osParams.public).toEqual({ a: 'os', b: 'variant', c: 'own' });
  expect(plan.osParams.private['p']?.reveal()).toBe('own');
  expect(plan.osParams.private['q']?.reveal()).toBe('os');
  expect(plan.instance).toMatchObject({
    hvParams: { kernel_args: 'own' },
    osParams: { c: 'own' },
    beParams: {},
  });
  expect(Object.keys(plan.instance.osParamsPrivate)).toEqual(['p']);
});

test('given values that equal defaults, when they are to be identified, then they are not kept', async () => {
  const { plan } = await planOf(
    request({
      identifyDefaults: true,
      hypervisor: 'kvm',
      hvParams: { kernel_args: 'ro', root_path: '/dev/vdz' },
      beParams: { vcpus: 1, maxMemMib: 256 },
      nics: [{ mode: 'bridged', link: 'xen-br0', vlan: '5' }],
      osParams: { same: '1', own: '1' },
      osParamsPrivate: { same2: 'x', own2: 'x' },
      osParamsSecret: { once: 'x' },
    }),
    {
      cluster: {
        osParams: { debian: { same: '1', own: '2' } },
        osParamsPrivate: { debian: { same2: new Secret('x'), own2: new Secret('y') } },
      },
    },
  );
  expect(plan.instance).toMatchObject({
    hvParams: { root_path: '/dev/vdz' },
    beParams: { maxMemMib: 256 },
    osParams: { own: '1' },
  });
  expect(Object.keys(plan.instance.hvParams)).toEqual(['root_path']);
  expect(Object.keys(plan.instance.beParams)).toEqual(['maxMemMib']);
  expect(plan.instance.nics[0]?.params).toEqual({ vlan: '.5' });
  expect(Object.keys(plan.instance.osParams)).toEqual(['own']);
  expect(Object.keys(plan.instance.osParamsPrivate)).toEqual(['own2']);
  expect(plan.osParams.secret['once']?.reveal()).toBe('x');
  expect(plan.nics[0]?.params).toEqual({ mode: 'bridged', link: 'xen-br0', vlan: '.5' });
});

test('given a drawn and a given hardware address, when they meet, then the given one is kept', async () => {
  const first = await planOf(request({ nics: [{}, {}] }));
  const drawn = first.plan.nics[0]?.mac ?? '';
  // The same seed draws the same address first; now it is taken by the second card.
  const { plan } = await planOf(request({ nics: [{}, { mac: drawn.toUpperCase() }] }));
  expect(plan.nics[1]?.mac).toBe(drawn);
  expect(plan.nics[0]?.mac).not.toBe(drawn);
});

test('given nodes without bridges, when no card is bridged, then bridges are not asked for', async () => {
  const nics = [{ mode: 'openvswitch' as const, link: 'sw1', vlan: ':5:6' }];
  const { plan, cluster } = await planOf(request({ nics }));
  expect(plan.nics[0]?.params).toEqual({ mode: 'openvswitch', link: 'sw1', vlan: ':5:6' });
  expect(cluster.transcript.filter((line) => line.includes('bridgesExist'))).toEqual([]);
});

test('given a policy that forbids it, when that shall be ignored, then an instance is created', async () => {
  const cluster = await openCluster();
  const op = request({ beParams: { vcpus: 9 } });
  await expect(create(cluster, op)).rejects.toThrow('number of processors is 9');
  expect(await create(cluster, { ...op, ignoreIpolicy: true })).toEqual(['node1']);
});

test('given a hypervisor with consoles, when instances come and go, then ports are used again', async () => {
  const cluster = await openCluster();
  await create(cluster, request({ hypervisor: 'kvm' }));
  expect(cluster.config.findInstance('web1')?.networkPort).toBe(11000);
  await create(cluster, request({ hypervisor: 'kvm', instanceName: 'web2.example.com' }));
  expect(cluster.config.findInstance('web2')?.networkPort).toBe(11001);
});
