/**
 * Where disks lie: what each template makes of a request, and that nothing is given out twice.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProgrammerError } from '../../src/errors.js';
import { layOut } from '../../src/instance-create/disk-layouts/disk-layouts.js';
import type { DiskSite } from '../../src/instance-create/disk-layouts/layout.js';
import type { DiskSpec } from '../../src/instance-create/wishes.js';
import { type Disk, placeOf } from '../../src/model/disk.js';
import {
  DISK_TEMPLATE_FACTS,
  DISK_TEMPLATES,
  type DiskTemplate,
} from '../../src/model/disk-template.js';
import type { InstanceId } from '../../src/model/ids.js';
import type { Reservations } from '../../src/ports/config-store.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { openCluster } from './support.js';

const NODES = [nodeIdOf('node1'), nodeIdOf('node2')];
const UUID = '[0-9a-f-]{36}';

type World = Awaited<ReturnType<typeof openCluster>>;

async function openWorld(): Promise<{ cluster: World; reserve: Reservations }> {
  const cluster = await openCluster({ cluster: { volumeGroup: 'vg0' } });
  return { cluster, reserve: cluster.config.reservations('job') };
}

function lay(
  template: DiskTemplate,
  specs: readonly DiskSpec[],
  { cluster, reserve }: { cluster: World; reserve: Reservations },
  changes: Partial<DiskSite> = {},
): readonly Disk[] {
  const { secondaries } = DISK_TEMPLATE_FACTS[template];
  return layOut(template, specs, {
    instanceId: 'instance-1' as InstanceId,
    nodes: NODES.slice(0, 1 + secondaries),
    fileStorageDir: '/srv/files/web1',
    driver: 'loop',
    cluster: cluster.config.cluster,
    reserve,
    ...changes,
  });
}

const SPEC: DiskSpec = {
  sizeMib: 512,
  mode: 'ro',
  name: 'root',
  adopt: '/dev/disk/by-id/a',
  volumeGroup: 'vg1',
  access: 'userspace',
  provider: 'acme',
  providerParams: { tier: 'gold' },
};

test('should lay out a disk of each template', async () => {
  const world = await openWorld();
  const laid = DISK_TEMPLATES.flatMap((template) =>
    lay(template, [SPEC], world, { baseIndex: 3 }).map((disk) => {
      expect(disk).toMatchObject({ template, index: 3, sizeMib: 512, mode: 'ro', name: 'root' });
      const place = placeOf(disk.location).replace(new RegExp(UUID, 'g'), '*');
      return [template, place, disk.nodes.length, disk.params];
    }),
  );
  expect(laid).toEqual([
    ['blockdev', 'blockdev:/dev/disk/by-id/a', 0, {}],
    ['drbd', 'drbd:node-node1/0,node-node2/0', 2, {}],
    ['ext', 'ext:acme/*.ext.disk3', 0, { provider: 'acme', tier: 'gold', access: 'userspace' }],
    ['file', 'file:/srv/files/web1/*.file.disk3', 1, {}],
    ['plain', 'lvm:vg1/*.disk3', 1, {}],
    ['rbd', 'rbd:*.rbd.disk3', 0, { access: 'userspace' }],
    ['sharedfile', 'file:/srv/files/web1/*.sharedfile.disk3', 0, {}],
    ['gluster', 'file:ganeti/instance-1.3', 0, { access: 'userspace' }],
  ]);
});

test('should make a mirror of two volumes on both nodes', async () => {
  const world = await openWorld();
  const [first, second] = lay('drbd', [SPEC, { ...SPEC, metaVolumeGroup: 'meta' }], world);
  expect(first?.location).toMatchObject({ kind: 'drbd', nodes: NODES, minors: [0, 0] });
  expect(second?.location).toMatchObject({ minors: [1, 1] });
  const secrets = [first, second].map((disk) =>
    disk?.location.kind === 'drbd' ? disk.location.secret.reveal() : '',
  );
  expect(secrets.every((secret) => /^[0-9a-f]{40}$/.test(secret))).toBe(true);
  expect(new Set(secrets).size).toBe(2);
  const parts = (first?.parts ?? []).map(({ location, sizeMib, nodes }) => {
    return [placeOf(location).replace(new RegExp(UUID), '*'), sizeMib, nodes];
  });
  expect(parts).toEqual([
    ['lvm:vg1/*.disk0_data', 512, NODES],
    // The metadata go where the disk parameters say.
    ['lvm:xenvg/*.disk0_meta', 128, NODES],
  ]);
  expect(second?.parts?.[1]?.location).toMatchObject({ volumeGroup: 'meta' });
});

test('given disks that are only reserved, when laid out, then they say so', async () => {
  const world = await openWorld();
  expect(lay('plain', [SPEC], world, { forthcoming: true })[0]?.forthcoming).toBe(true);
  expect(lay('plain', [SPEC], world)[0]).not.toHaveProperty('forthcoming');
});

test('should never give the same place, id, port or minor twice', async () => {
  const wish = fc.record({
    template: fc.constantFrom<DiskTemplate>('drbd', 'ext', 'file', 'plain', 'rbd', 'sharedfile'),
    count: fc.integer({ min: 0, max: 4 }),
    swapped: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { maxLength: 6 }), async (wishes) => {
      const world = await openWorld();
      const disks = wishes.flatMap(({ template, count, swapped }, at) => {
        const instanceId = `instance-${at}` as InstanceId;
        const specs = Array.from({ length: count }, () => SPEC);
        const nodes = swapped ? NODES.toReversed() : NODES;
        const own = nodes.slice(0, 1 + DISK_TEMPLATE_FACTS[template].secondaries);
        return lay(template, specs, world, { instanceId, nodes: own });
      });
      const values = disks.flatMap(claimsOf);
      expect(new Set(values).size).toBe(values.length);
    }),
    { numRuns: 40 },
  );
});

function claimsOf(disk: Disk): readonly string[] {
  const { location, parts = [] } = disk;
  const ends =
    location.kind === 'drbd'
      ? [String(location.port), ...location.nodes.map((id, at) => `${id}/${location.minors[at]}`)]
      : [];
  const all = [disk, ...parts];
  return [...ends, ...all.map(({ id }) => id), ...all.map((one) => placeOf(one.location))];
}

test('given a place that is taken, when laid out, then it is refused', async () => {
  const world = await openWorld();
  lay('blockdev', [SPEC], world);
  expect(() => lay('blockdev', [SPEC], world)).toThrow(/belongs to/);
});

test('given parameters that name no place for metadata, when laid out, then they lie beside the data', async () => {
  const world = await openWorld();
  const { cluster } = world.cluster.config;
  const changes = { cluster: { ...cluster, diskParams: { drbd: { metavg: null } } } };
  const [disk] = lay('drbd', [SPEC], world, changes);
  expect(disk?.parts).toMatchObject([
    { location: { volumeGroup: 'vg1' } },
    { location: { volumeGroup: 'vg1' } },
  ]);
});

test("given a disk that names no volume group, when laid out, then it lies in the cluster's", async () => {
  const { volumeGroup: _, ...spec } = SPEC;
  const [disk] = lay('plain', [spec], await openWorld());
  expect(disk?.location).toMatchObject({ volumeGroup: 'vg0' });
});

/** What other rooms see to; a mistake of theirs shall not become a disk at a wrong place. */
const LACKING: readonly {
  readonly template: DiskTemplate;
  readonly lacks: keyof DiskSpec | 'fileStorageDir' | 'nodes';
  readonly says: RegExp;
}[] = [
  { template: 'file', lacks: 'fileStorageDir', says: /need the directory/ },
  { template: 'ext', lacks: 'provider', says: /needs a provider/ },
  { template: 'blockdev', lacks: 'adopt', says: /taken over, not made/ },
  { template: 'plain', lacks: 'volumeGroup', says: /has no volume group/ },
  { template: 'drbd', lacks: 'nodes', says: /has two ends/ },
];

test.each(LACKING)(
  'given a disk of $template that lacks its $lacks, when laid out, then it throws',
  async ({ template, lacks, says }) => {
    const { cluster, reserve } = await openWorld();
    const { volumeGroup: _, ...poor } = cluster.config.cluster;
    const { [lacks as keyof DiskSpec]: __, ...spec } = SPEC;
    const site: DiskSite = {
      instanceId: 'instance-1' as InstanceId,
      nodes: lacks === 'nodes' ? NODES.slice(0, 1) : NODES,
      driver: 'loop',
      cluster: poor,
      reserve,
      ...(lacks === 'fileStorageDir' ? {} : { fileStorageDir: '/srv/files/web1' }),
    };
    expect(() => layOut(template, [spec as DiskSpec], site)).toThrow(says);
    expect(() => layOut(template, [spec as DiskSpec], site)).toThrow(ProgrammerError);
  },
);
