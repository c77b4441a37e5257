/**
 * The ladder of placement, rung by rung: what a creation does on each, and what makes it go up, one
 * rung at a time.
 */
import { expect, test } from 'vitest';
import type { OwnedReservations } from '../../src/ports/config-store.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import type { AnyReport } from '../../src/reports.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { create, openCluster, placedRequest, story } from './support.js';

/** Another operation has claimed all memory of a node. */
function crowd(cluster: TestCluster, name: string): OwnedReservations {
  const other = cluster.open.config.reservations(`other on ${name}`);
  const { memoryFreeMib } = cluster.nodes.state(nodeIdOf(name));
  const rest = { storage: 'file' as const, diskMib: 0, vcpus: 0, spindles: 0 };
  const claim = { node: nodeIdOf(name), memoryMib: memoryFreeMib, ...rest };
  other.takeCapacity([claim], other.capacityOfOthers());
  return other;
}

/** Rungs, retries, and waits for nodes, in their order. */
function wayOf(events: readonly AnyReport[]): string[] {
  return events.flatMap((event) => {
    if (event.type === 'rung') return [event.rung];
    if (event.type === 'retry') return [event.reason];
    if (event.type === 'lockWait') return [`waits for ${event.level}`];
    return [];
  });
}

const NO_PLACE =
  'Allocator most-free found no place for web1.example.com: 2 nodes with too little memory';

test('on the first rung a place is chosen and claimed, and only what was chosen is locked', async () => {
  const cluster = await openCluster();
  cluster.nodes.state(nodeIdOf('node1')).memoryFreeMib = 2048;
  const claimed: string[] = [];
  const watch = cluster.open.config.reservations('watch');
  expect(
    await create(cluster, placedRequest(), {
      onReport: ({ type }) => {
        const [room] = [...watch.capacityOfOthers().values()].flat();
        const words = room === undefined ? 'nothing' : `${room.memoryMib} ${room.diskMib}`;
        if (type !== 'phaseStart' && claimed.at(-1) !== words) claimed.push(words);
      },
    }),
  ).toEqual(['node2']);
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    rung claims
    lock instance/web1.example.com
    step Asking allocator most-free for a place
    rpc nodeInfo node1,node2
    info Allocator most-free chose node2: 49 % stay free
    lock nodegroup/group-default
    lock node/node-node2
    lock node-res/node-node2
    step Asking allocator most-free for a place
    rpc nodeInfo node2
    info Allocator most-free chose node2: 49 % stay free
    rpc nodeInfo node2
    rpc validateHypervisor node2 fake
    rpc validateOs node2 debian
    rpc findOs node2 debian
    rpc bridgesExist node2 xen-br0
    rpc nodeInfo node2
    rpc hooks node1,node2 instance-add pre
    step Making directory /srv/ganeti/file-storage/web1.example.com on node2
    rpc createStorageDir node2 /srv/ganeti/file-storage/web1.example.com
    step Making disk 0 (64 MiB) on node2
    rpc createDisk node2 /srv/ganeti/file-storage/web1.example.com/#1.file.disk0 64
    step Adding web1.example.com to the configuration
    commit add instance web1.example.com
    step Installing debian on web1.example.com
    rpc installOs node2 web1.example.com debian
    info Log of the installation: /var/log/os/add-web1.example.com.log on node2
    rpc publishMetadata node2 web1.example.com
    step Starting web1.example.com on node2
    rpc startInstance node2 web1.example.com
    commit instance web1.example.com is up
    rpc hooks node1,node2 instance-add post"
  `);
  // All of it, then what the guest will need beside its disks, then what it uses itself.
  expect(claimed).toEqual(['nothing', '128 64', '128 0', 'nothing']);
  expect(cluster.open.config.claimCount).toBe(0);
});

test('given a crowd on all nodes, when it goes, then the next rung finds a place among free nodes', async () => {
  const cluster = await openCluster();
  const crowds = [crowd(cluster, 'node1'), crowd(cluster, 'node2')];
  const busy = ownerId('busy');
  await cluster.open.locks.acquire(busy, [{ lock: 'node/node-node1', mode: 'exclusive' }]);
  const events: AnyReport[] = [];
  const result = await create(cluster, placedRequest(), {
    onReport: (event) => {
      events.push(event);
      if (event.type === 'retry') for (const each of crowds) each.release();
    },
  });
  expect(result).toEqual(['node2']);
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    rung claims
    lock instance/web1.example.com
    step Asking allocator most-free for a place
    rpc nodeInfo node1,node2
    retry Allocator most-free found no place for web1.example.com: 2 nodes with too little memory
    lock cluster/BGL
    rung opportunistic
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node2
    lock node-res/node-node2
    step Asking allocator most-free for a place
    rpc nodeInfo node2
    info Allocator most-free chose node2: 49 % stay free
    rpc nodeInfo node2
    rpc validateHypervisor node2 fake
    rpc validateOs node2 debian
    rpc findOs node2 debian
    rpc bridgesExist node2 xen-br0
    rpc nodeInfo node2
    rpc hooks node1,node2 instance-add pre
    step Making directory /srv/ganeti/file-storage/web1.example.com on node2
    rpc createStorageDir node2 /srv/ganeti/file-storage/web1.example.com
    step Making disk 0 (64 MiB) on node2
    rpc createDisk node2 /srv/ganeti/file-storage/web1.example.com/#1.file.disk0 64
    step Adding web1.example.com to the configuration
    commit add instance web1.example.com
    step Installing debian on web1.example.com
    rpc installOs node2 web1.example.com debian
    info Log of the installation: /var/log/os/add-web1.example.com.log on node2
    rpc publishMetadata node2 web1.example.com
    step Starting web1.example.com on node2
    rpc startInstance node2 web1.example.com
    commit instance web1.example.com is up
    rpc hooks node1,node2 instance-add post"
  `);
  expect(wayOf(events)).toEqual(['claims', NO_PLACE, 'opportunistic']);
});

test('given a crowd that goes late, then the last rung locks all nodes and finds a place', async () => {
  const cluster = await openCluster();
  const crowds = [crowd(cluster, 'node1'), crowd(cluster, 'node2')];
  const events: AnyReport[] = [];
  let retries = 0;
  const result = await create(cluster, placedRequest(), {
    onReport: (event) => {
      events.push(event);
      if (event.type === 'retry' && ++retries === 2) for (const each of crowds) each.release();
    },
  });
  expect(result).toEqual(['node1']);
  expect(wayOf(events)).toEqual(['claims', NO_PLACE, 'opportunistic', NO_PLACE, 'full']);
});

test('given a crowd that stays, then all rungs are tried once, and the last one refuses', async () => {
  const cluster = await openCluster();
  const crowds = [crowd(cluster, 'node1'), crowd(cluster, 'node2')];
  const events: AnyReport[] = [];
  await expect(
    create(cluster, placedRequest(), { onReport: (event) => events.push(event) }),
  ).rejects.toMatchObject({
    name: 'PrereqError',
    code: 'insufficient_resources',
    message: NO_PLACE,
  });
  expect(wayOf(events)).toEqual(['claims', NO_PLACE, 'opportunistic', NO_PLACE, 'full']);
  for (const each of crowds) each.release();
  expect(cluster.open.config.claimCount).toBe(0);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a place that is gone when its node is locked, then one more rung is tried', async () => {
  const cluster = await openCluster();
  const events: AnyReport[] = [];
  const result = await create(cluster, placedRequest(), {
    onReport: (event) => {
      events.push(event);
      const isLocked = event.type === 'lockGranted' && event.locks.includes('node/node-node1');
      // Somebody has started a guest by hand.
      if (isLocked) cluster.nodes.state(nodeIdOf('node1')).memoryFreeMib = 100;
    },
  });
  expect(result).toEqual(['node2']);
  expect(wayOf(events)).toEqual([
    'claims',
    'Allocator most-free found no place for web1.example.com: ' +
      '1 node busy; 1 node with too little memory',
    'opportunistic',
  ]);
});

test('given two creations that want the same node, then the second sees what the first has claimed', async () => {
  const cluster = await openCluster();
  for (const name of ['node1', 'node2']) cluster.nodes.state(nodeIdOf(name)).memoryFreeMib = 200;
  const events: AnyReport[] = [];
  const made = await Promise.all(
    ['web1', 'web2'].map((name) =>
      create(cluster, placedRequest({ instanceName: `${name}.example.com` }), {
        onReport: (event) => events.push(event),
      }),
    ),
  );
  expect(made).toEqual([['node1'], ['node2']]);
  expect(wayOf(events)).toEqual(['claims', 'claims']);
});

test('mirrored disks claim room on both nodes, memory on the first', async () => {
  const cluster = await openCluster({
    cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' },
  });
  const watch = cluster.open.config.reservations('watch');
  let claims: unknown;
  await create(cluster, placedRequest({ diskTemplate: 'drbd', beParams: { vcpus: 3 } }), {
    onReport: ({ type }) => {
      if (type === 'lockGranted') claims = [...watch.capacityOfOthers().values()].flat();
    },
  });
  const disk = { storage: 'drbd', diskMib: 64 + 128, spindles: 0 };
  expect(claims).toEqual([
    { node: 'node-node1', memoryMib: 128, vcpus: 3, ...disk },
    { node: 'node-node2', memoryMib: 0, vcpus: 0, ...disk },
  ]);
});

test.each([
  ['claims', { placementRung: 'claims' as const }],
  ['opportunistic', { placementRung: 'opportunistic' as const }],
  ['full', { placementRung: 'full' as const }],
  ['opportunistic', { opportunisticLocking: true }],
])('a request may say where to begin: %s', async (rung, changes) => {
  const cluster = await openCluster();
  const events: AnyReport[] = [];
  await create(cluster, placedRequest(changes), { onReport: (event) => events.push(event) });
  expect(wayOf(events)).toEqual([rung]);
});

test.each([
  ['full', {}],
  ['opportunistic', { opportunisticLocking: true }],
])("Ganeti's placement begins with %s", async (rung, changes) => {
  const cluster = await openCluster({ compatibility: { placement: 'locks' } });
  const events: AnyReport[] = [];
  await create(cluster, placedRequest(changes), { onReport: (event) => events.push(event) });
  expect(wayOf(events)).toEqual([rung]);
});

test('who names nodes is on no rung, and is not held up by what others have claimed', async () => {
  const cluster = await openCluster();
  crowd(cluster, 'node1');
  const events: AnyReport[] = [];
  const op = { ...placedRequest(), pnode: 'node1' };
  expect(await create(cluster, op, { onReport: (event) => events.push(event) })).toEqual(['node1']);
  expect(wayOf(events)).toEqual([]);
});
