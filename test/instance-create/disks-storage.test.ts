/**
 * Disks and their nodes: room, spindles, adoption, access.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GANETI_COMPATIBILITY } from '../../src/compatibility.js';
import { PrereqError } from '../../src/errors.js';
import { canAccess } from '../../src/instance-create/prereq/access.js';
import {
  diskSpaceTotal,
  requiredSpacePerGroup,
  type StorageContext,
} from '../../src/instance-create/prereq/space.js';
import { type PlannedStorage, planStorage } from '../../src/instance-create/prereq/storage.js';
import type { DiskSpec } from '../../src/instance-create/wishes.js';
import { DISK_TEMPLATES, type DiskTemplate } from '../../src/model/disk-template.js';
import { HYPERVISOR_NAMES, type HypervisorName } from '../../src/model/hypervisor.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestClusterOptions } from '../../src/testing/test-cluster.js';
import { openCluster } from './support.js';

const NODE = nodeIdOf('node1');

interface Asked {
  readonly template: DiskTemplate;
  readonly disks: readonly Partial<DiskSpec>[];
  readonly adopts?: boolean;
  readonly hypervisor?: HypervisorName;
  readonly changes?: Partial<StorageContext>;
  readonly secondary?: boolean;
}

async function openWorld(options: TestClusterOptions = {}): Promise<{
  readonly cluster: Awaited<ReturnType<typeof openCluster>>;
  readonly plan: (asked: Asked) => Promise<PlannedStorage>;
}> {
  const cluster = await openCluster(options);
  const { config, nodes } = cluster;
  const plan = async (asked: Asked): Promise<PlannedStorage> => {
    const { template, disks, adopts = false, hypervisor = 'kvm', secondary = false } = asked;
    const primary = { id: NODE, name: 'node1' };
    const secondaries = secondary ? [{ id: nodeIdOf('node2'), name: 'node2' }] : [];
    const specs = disks.map((disk): DiskSpec => {
      return { sizeMib: 512, mode: 'rw', volumeGroup: 'vg0', ...disk };
    });
    const wanted = { storage: { template, driver: 'loop' }, adopts, hypervisor } as const;
    const reserve = config.reservations('job');
    const compatibility = GANETI_COMPATIBILITY;
    const ctx = { config, rpc: nodes, reserve, compatibility, ...asked.changes };
    return planStorage({ wanted, disks: specs, nodes: { primary, secondaries } }, ctx);
  };
  return { cluster, plan };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return 'accepted';
  return error instanceof PrereqError ? (error.about ?? error.code) : 'another error';
}

test('should ask every node once for each volume group', async () => {
  const { cluster, plan } = await openWorld({ nodeState: { storageFreeMib: 1280 } });
  const disks = [{}, { volumeGroup: 'vg1' }, {}];
  const { disks: had } = await plan({ template: 'drbd', disks, secondary: true });
  expect(had.map(({ sizeMib }) => sizeMib)).toEqual([512, 512, 512]);
  const asked = cluster.transcript.filter((line) => line.includes('nodeInfo'));
  expect(asked).toEqual(['rpc nodeInfo node1,node2', 'rpc nodeInfo node1,node2']);
});

test('given a MiB too little on the secondary, when planned, then it is refused', async () => {
  const { cluster, plan } = await openWorld();
  cluster.nodes.state(nodeIdOf('node2')).storageFreeMib = 639;
  const asked: Asked = { template: 'drbd', disks: [{}], secondary: true };
  expect(await codeOf(plan(asked))).toBe('insufficient_resources');
  cluster.nodes.state(nodeIdOf('node2')).storageFreeMib = 640;
  expect(await codeOf(plan(asked))).toBe('accepted');
});

test('given nodes that cannot tell their space, when planned, then it is refused', async () => {
  const { cluster, plan } = await openWorld();
  const asked: Asked = { template: 'plain', disks: [{}] };
  cluster.nodes.faults.add({ method: 'nodeInfo', kind: 'before' });
  expect(await codeOf(plan(asked))).toBe('environment_error');
  const { nodeInfo } = cluster.nodes;
  const answers = (storage: { readonly kind: 'lvm-vg'; readonly key: string }[]) => {
    cluster.nodes.nodeInfo = async (...call) => {
      const replies = await nodeInfo(...call);
      return new Map(
        [...replies].map(([id, reply]) => [
          id,
          reply.ok ? { ...reply, payload: { ...reply.payload, storage } } : reply,
        ]),
      );
    };
  };
  answers([]);
  expect(await codeOf(plan(asked))).toBe('unclassified');
  answers([{ kind: 'lvm-vg', key: 'vg0' }]);
  expect(await codeOf(plan(asked))).toBe('environment_error');
});

test('given storage elsewhere, when planned, then nobody is asked for space', async () => {
  const { cluster, plan } = await openWorld({ nodeState: { storageFreeMib: 0 } });
  for (const template of ['rbd', 'ext', 'gluster', 'file', 'sharedfile', 'diskless'] as const) {
    expect(await codeOf(plan({ template, disks: [{}] }))).toBe('accepted');
  }
  expect(cluster.transcript.filter((line) => line.includes('rpc'))).toEqual([]);
});

test('given files, when their space shall be checked, then too little is refused', async () => {
  const { plan } = await openWorld({ nodeState: { storageFreeMib: 1023 } });
  const changes = { compatibility: { ...GANETI_COMPATIBILITY, checkFileSpace: true } };
  const disks = [{}, {}];
  const refused = plan({ template: 'file', disks, changes });
  await expect(refused).rejects.toThrow(/1024 MiB.*file-storage on node1 has 1023 MiB free/);
});

test('given files whose space nobody knows, when it shall be checked, then they are accepted', async () => {
  const { cluster, plan } = await openWorld();
  const changes = { compatibility: { ...GANETI_COMPATIBILITY, checkFileSpace: true } };
  const asked: Asked = { template: 'file', disks: [{}], changes };
  const { nodeInfo } = cluster.nodes;
  cluster.nodes.nodeInfo = async (nodes, { storage: _, ...request }, call) =>
    nodeInfo(nodes, { ...request, storage: [] }, call);
  expect(await codeOf(plan(asked))).toBe('accepted');
  cluster.nodes.nodeInfo = () => Promise.resolve(new Map());
  expect(await codeOf(plan(asked))).toBe('environment_error');
});

test('should want spindles with exclusive storage, and only then', async () => {
  const exclusive = { cluster: { ndParams: { exclusive_storage: true } } };
  const { plan } = await openWorld(exclusive);
  const spindles = [{ spindles: 2 }];
  expect(await codeOf(plan({ template: 'plain', disks: spindles }))).toBe('accepted');
  expect(await codeOf(plan({ template: 'plain', disks: [{}] }))).toBe('wrong_input');
  expect(await codeOf(plan({ template: 'file', disks: spindles }))).toBe('wrong_state');
  expect((await plan({ template: 'plain', disks: [] })).exclusiveStorage).toEqual([NODE]);
  const usual = await openWorld();
  expect(await codeOf(usual.plan({ template: 'plain', disks: spindles }))).toBe('wrong_input');
});

test('given a secondary with exclusive storage, when planned, then it counts', async () => {
  const nodes = [{ name: 'node1' }, { name: 'node2', ndParams: { exclusive_storage: true } }];
  const { plan } = await openWorld({ nodes });
  expect(await codeOf(plan({ template: 'drbd', disks: [], secondary: true }))).toBe('wrong_state');
  expect(await codeOf(plan({ template: 'drbd', disks: [] }))).toBe('accepted');
});

const VOLUMES = new Map([
  ['vg0/lv1', { sizeMib: 2048.5, online: false }],
  ['vg0/used', { sizeMib: 4, online: true }],
]);
const WITH_VOLUMES = { nodeState: { volumes: VOLUMES, volumeGroups: new Map([['vg0', 4096]]) } };

test('should take over a volume with its size, and claim it', async () => {
  const { cluster, plan } = await openWorld(WITH_VOLUMES);
  const asked: Asked = { template: 'plain', disks: [{ adopt: 'lv1' }], adopts: true };
  const { disks } = await plan(asked);
  expect(disks).toMatchObject([{ adopt: 'lv1', sizeMib: 2048 }]);
  expect(cluster.config.holderOf('volume', 'lvm:vg0/lv1')).toBeDefined();
  expect(await codeOf(plan(asked))).toBe('resource_not_unique');
  const calls = cluster.transcript.filter((line) => line.includes('rpc'));
  expect(calls).toEqual(['rpc volumeGroups node1', 'rpc volumes node1 vg0']);
});

test.each<readonly [string, readonly string[], string]>([
  ['a volume twice', ['lv1', 'lv1'], 'wrong_input'],
  ['a volume that is not there', ['lv1', 'lv2'], 'wrong_input'],
  ['a volume in use', ['used'], 'wrong_state'],
])('given %s, when taken over, then it is refused', async (_what, names, code) => {
  const { plan } = await openWorld(WITH_VOLUMES);
  const disks = names.map((adopt) => ({ adopt }));
  expect(await codeOf(plan({ template: 'plain', disks, adopts: true }))).toBe(code);
});

test.each(['volumeGroups', 'volumes'])(
  'given a node that fails %s, when volumes are taken over, then that has no code',
  async (method) => {
    const { cluster, plan } = await openWorld(WITH_VOLUMES);
    cluster.nodes.faults.add({ method, kind: 'before' });
    const disks = [{ adopt: 'lv1' }];
    expect(await codeOf(plan({ template: 'plain', disks, adopts: true }))).toBe('unclassified');
  },
);

const DEVICE = '/dev/disk/by-id/a';
const WITH_DEVICES = { nodeState: { devices: new Map([[DEVICE, 100.7]]) } };

test('should take over a device with its size', async () => {
  const { plan } = await openWorld(WITH_DEVICES);
  const disks = [{ adopt: '/dev//disk/by-path/../by-id/a', sizeMib: 0 }];
  const had = await plan({ template: 'blockdev', disks, adopts: true });
  expect(had.disks).toMatchObject([{ adopt: DEVICE, sizeMib: 100 }]);
});

test.each<readonly [string, readonly string[], string]>([
  ['a device twice', [DEVICE, '/dev/disk/./by-id/a'], 'wrong_input'],
  ['a device elsewhere', ['/dev/sda'], 'wrong_input'],
  ['a way out', ['/dev/disk/../sda'], 'wrong_input'],
  ['a device that is not there', ['/dev/disk/by-id/b'], 'wrong_input'],
])('given %s, when taken over, then it is refused', async (_what, paths, code) => {
  const { plan } = await openWorld(WITH_DEVICES);
  const disks = paths.map((adopt) => ({ adopt }));
  expect(await codeOf(plan({ template: 'blockdev', disks, adopts: true }))).toBe(code);
});

test('given a group that wants userspace, when planned, then not every hypervisor can', async () => {
  const { plan } = await openWorld({
    cluster: { diskParams: { rbd: { access: 'userspace' } } },
  });
  const asked: Asked = { template: 'rbd', disks: [{}] };
  expect(await codeOf(plan(asked))).toBe('accepted');
  expect(await codeOf(plan({ ...asked, hypervisor: 'xen-pvm' }))).toBe('wrong_state');
  const own: Asked = { template: 'rbd', disks: [{ access: 'kernelspace' }] };
  expect(await codeOf(plan({ ...own, hypervisor: 'xen-pvm' }))).toBe('accepted');
});

test('should reach disks by the kernel always, without it only from kvm', () => {
  const ways = DISK_TEMPLATES.flatMap((template) =>
    HYPERVISOR_NAMES.flatMap((name) => {
      expect(canAccess(name, template, 'kernelspace')).toBe(true);
      expect(canAccess(name, template, 'other')).toBe(false);
      return canAccess(name, template, 'userspace') ? [`${name} ${template}`] : [];
    }),
  );
  expect(ways).toEqual(['kvm ext', 'kvm rbd', 'kvm gluster']);
});

test('should need in all groups together what the disks need', () => {
  const disk = fc.record({
    sizeMib: fc.integer({ min: 1, max: 1e6 }),
    volumeGroup: fc.constantFrom('vg0', 'vg1', 'vg2'),
  });
  fc.assert(
    fc.property(
      fc.array(disk),
      fc.constantFrom<DiskTemplate>('plain', 'drbd'),
      (disks, template) => {
        const sums = [...requiredSpacePerGroup(template, disks).values()];
        expect(sums.reduce((a, b) => a + b, 0)).toBe(diskSpaceTotal(template, disks));
      },
    ),
  );
});

test('should count no space for what exists, or is not made', () => {
  const counted = DISK_TEMPLATES.map((template) => [
    template,
    diskSpaceTotal(template, [{ sizeMib: 100 }, { sizeMib: 1 }]),
  ]);
  expect(Object.fromEntries(counted)).toEqual({
    blockdev: 0,
    diskless: 0,
    drbd: 357,
    ext: 101,
    file: 101,
    gluster: 101,
    plain: 101,
    rbd: 101,
    sharedfile: 101,
  });
});
