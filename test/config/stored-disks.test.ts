/**
 * Disks of every kind in the store: what comes back, and what they take for themselves.
 */
import { describe, expect, test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { Disk, DiskLocation, DiskPart } from '../../src/model/disk.js';
import type { DiskTemplate } from '../../src/model/disk-template.js';
import type { DiskId } from '../../src/model/ids.js';
import { Secret } from '../../src/model/secret.js';
import { NODE_1, NODE_2, WORLD } from '../../src/testing/contracts/config-world.js';
import { makeDisk, makeInstance } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

const IDS = new SeededIds(1);

const MIRROR: DiskLocation = {
  kind: 'drbd',
  nodes: [NODE_1, NODE_2],
  port: 11005,
  minors: [0, 7],
  secret: new Secret('s3cret'),
};

function part(volume: string): DiskPart {
  return {
    id: `part-${volume}` as DiskId,
    template: 'plain',
    sizeMib: 128,
    location: { kind: 'lvm', volumeGroup: 'xenvg', volume },
    params: { stripes: 1 },
    nodes: [NODE_1, NODE_2],
  };
}

const KINDS: readonly (readonly [DiskTemplate, DiskLocation, Partial<Disk>])[] = [
  ['file', { kind: 'file', driver: 'blktap', path: '/srv/a', madeDirectories: ['/srv'] }, {}],
  ['plain', { kind: 'lvm', volumeGroup: 'xenvg', volume: 'a' }, { spindles: 2 }],
  ['drbd', MIRROR, { parts: [part('data'), part('meta')], nodes: [NODE_1, NODE_2] }],
  ['blockdev', { kind: 'blockdev', path: '/dev/disk/a' }, {}],
  ['rbd', { kind: 'rbd', image: 'a' }, { forthcoming: true }],
  ['ext', { kind: 'ext', provider: 'p', volume: 'a' }, { params: { provider: 'p' } }],
];

async function storeWith(
  template: DiskTemplate,
  location: DiskLocation,
  facts: Partial<Disk> = {},
) {
  const bare = makeInstance('web1.example.com', NODE_1, IDS);
  const disk = makeDisk(bare, 0, IDS, { template, location, ...facts });
  const instance = { ...bare, diskIds: [disk.id], diskTemplate: template };
  const [store, clock] = [new MemoryKvStore(), new ManualClock()];
  const world = { ...WORLD, instances: [instance], disks: [disk], keepStamps: true };
  await initConfig({ store, clock, ...world });
  return { disk, config: await openConfig({ store, clock, ids: new SeededIds(2) }) };
}

describe('a stored disk', () => {
  test.each([...KINDS])('should come back: %s', async (template, location, facts = {}) => {
    const { disk, config } = await storeWith(template, location, facts);
    expect(config.find('disk', disk.id)).toEqual(disk);
  });

  test('should come back with its secret', async () => {
    const { disk, config } = await storeWith('drbd', MIRROR);
    const { location } = config.find('disk', disk.id) ?? disk;
    expect(location.kind === 'drbd' && location.secret.reveal()).toBe('s3cret');
  });
});

describe('a mirrored disk', () => {
  const facts = { parts: [part('data'), part('meta')] };

  test('should take minors, port, volumes and ids', async () => {
    const { disk, config } = await storeWith('drbd', MIRROR, facts);
    const taken = [
      ['minor', `${NODE_1}/0`],
      ['minor', `${NODE_2}/7`],
      ['volume', 'lvm:xenvg/data'],
      ['volume', 'lvm:xenvg/meta'],
      ['id', 'part-data'],
      ['id', disk.id],
    ] as const;
    for (const [kind, value] of taken) expect(config.holderOf(kind, value)).toBe(disk.id);
    expect(config.holderOf('minor', `${NODE_1}/7`)).toBeUndefined();
  });

  test('should keep others from what it has', async () => {
    const { config } = await storeWith('drbd', MIRROR, facts);
    const claims = config.reservations('job-1');
    expect([claims.drawMinor(NODE_1), claims.drawMinor(NODE_2)]).toEqual([1, 0]);
    expect(() => {
      claims.volume('lvm:xenvg/meta');
    }).toThrow('belongs to');
    const bare = makeInstance('web2.example.com', NODE_1, IDS);
    const rival = makeDisk(bare, 0, IDS, {
      template: 'drbd',
      location: { ...MIRROR, port: 11006 },
    });
    const added = config.commit('test', (draft) => {
      draft.add('instance', { ...bare, diskIds: [rival.id], diskTemplate: 'drbd' });
      draft.add('disk', rival);
    });
    await expect(added).rejects.toMatchObject({ code: 'not_unique' });
  });
});
