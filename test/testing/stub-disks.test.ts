/** Stub nodes keep disks of every kind, and tell what is left. */
import { expect, test } from 'vitest';
import type { Disk, DiskPart } from '../../src/model/disk.js';
import type { DiskId, InstanceId } from '../../src/model/ids.js';
import { Secret } from '../../src/model/secret.js';
import type { Reply } from '../../src/ports/reply.js';
import { makeDisk, makeInstance, nodeIdOf } from '../../src/testing/make.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { runtimeOf } from '../local/hypervisors/runtime.js';

const NODE = nodeIdOf('node1');
const NODES = [NODE, nodeIdOf('node2')] as const;
const RUNTIME = runtimeOf();

function openNodes(initial: ConstructorParameters<typeof StubNodes>[0]['initial'] = {}): StubNodes {
  const nodes = new Map([[NODE, 'node1']]);
  return new StubNodes({ nodes, log: () => undefined, initial });
}

function diskAt(facts: Partial<Disk>): Disk {
  const ids = new SeededIds(1);
  const owner = makeInstance('web1', NODE, ids, { id: 'i' as InstanceId });
  return makeDisk(owner, 0, ids, { sizeMib: 4, ...facts });
}

function partAt(volume: string): DiskPart {
  const location = { kind: 'lvm', volumeGroup: 'xenvg', volume } as const;
  const id = volume as DiskId;
  return { id, template: 'plain', sizeMib: 4, location, params: {}, nodes: NODES };
}

function volumeAt(volume: string): Disk {
  return diskAt({ template: 'plain', location: partAt(volume).location });
}

const MIRROR = diskAt({
  template: 'drbd',
  location: {
    kind: 'drbd',
    nodes: NODES,
    port: 11000,
    minors: [0, 0],
    secret: new Secret('hush'),
  },
  parts: [partAt('data'), partAt('meta')],
});

function outcome(reply: Reply<unknown>): unknown {
  return reply.ok ? reply.payload : reply.failure;
}

test('should make a mirror of its parts, and remove them with it', async () => {
  const rpc = openNodes();
  const make = async (disk: Disk | DiskPart): Promise<unknown> =>
    outcome(await rpc.createDisk(NODE, { disk, owner: 'web1', info: '' }));
  expect(await make(MIRROR)).toBe('failed');
  for (const part of MIRROR.parts ?? []) expect(await make(part)).toBeUndefined();
  expect(await make(MIRROR)).toBeUndefined();
  expect(await make(MIRROR)).toBe('exists');
  expect(rpc.leftovers()).toHaveLength(3);
  for (let time = 0; time < 2; time += 1) await rpc.removeDisk(NODE, { disk: MIRROR });
  expect(rpc.leftovers()).toEqual([]);
});

test('given a volume, when renamed and renamed back, then it is as before', async () => {
  const before = new Map([['xenvg/lv1', { sizeMib: 8, online: false }]]);
  const rpc = openNodes({ volumes: before });
  const rename = async (to: string, volumeNow: string): Promise<unknown> => {
    const renames = [{ disk: volumeAt(to), volumeNow }];
    return outcome(await rpc.renameVolumes(NODE, { runtime: RUNTIME, renames }));
  };
  const listed = async (): Promise<unknown> =>
    outcome(await rpc.volumes(NODE, { groups: ['xenvg'] }));
  for (let time = 0; time < 2; time += 1) expect(await rename('new', 'lv1')).toBeUndefined();
  expect(rpc.leftovers()).toEqual(['node1 disk lvm:xenvg/new']);
  expect(await listed()).toEqual(new Map([['xenvg/new', { sizeMib: 8, online: false }]]));
  for (let time = 0; time < 2; time += 1) expect(await rename('lv1', 'new')).toBeUndefined();
  expect(rpc.leftovers()).toEqual([]);
  expect(await listed()).toEqual(before);
  expect(await rename('other', 'nothing')).toBe('failed');
});

test('should tell what was made usable or paused, until it is given back', async () => {
  const rpc = openNodes();
  const disk = volumeAt('lv1');
  const one = { disk, runtime: RUNTIME };
  const all = { disks: [disk], runtime: RUNTIME };
  expect(outcome(await rpc.assembleDisk(NODE, { ...one, onPrimary: true }))).toBe('failed');
  expect(outcome(await rpc.mirrorStatus(NODE, all))).toBe('failed');
  await rpc.createDisk(NODE, { disk, owner: 'web1', info: '' });
  await rpc.assembleDisk(NODE, { ...one, onPrimary: true });
  expect(outcome(await rpc.pauseSync(NODE, { ...all, pause: true }))).toEqual([true]);
  expect(outcome(await rpc.mirrorStatus(NODE, all))).toEqual([{ degraded: false }]);
  const place = 'lvm:xenvg/lv1';
  expect(rpc.leftovers()).toEqual(['active', 'disk', 'paused'].map((is) => `node1 ${is} ${place}`));
  await rpc.pauseSync(NODE, { ...all, pause: false });
  for (let time = 0; time < 2; time += 1) await rpc.shutdownDisk(NODE, one);
  expect(rpc.leftovers()).toEqual([`node1 disk ${place}`]);
});

test('given a stretch, when wiped, then the rest stays', async () => {
  const rpc = openNodes();
  const disk = volumeAt('lv1');
  await rpc.createDisk(NODE, { disk, owner: 'web1', info: '' });
  await rpc.imageDisk(NODE, { disk, runtime: RUNTIME, image: '/srv/image' });
  const { contents } = rpc.state(NODE);
  await rpc.wipeDisk(NODE, { disk, offsetMib: 1, lengthMib: 3 });
  expect(new TextDecoder().decode(contents.get('lvm:xenvg/lv1'))).toBe('/srv/image');
  await rpc.wipeDisk(NODE, { disk, offsetMib: 0, lengthMib: 1 });
  expect(contents.size).toBe(0);
});
