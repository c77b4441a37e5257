import { expect, test } from 'vitest';
import { ownerId } from '../../src/ports/lock-manager.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { create, openCluster, placedRequest, request, story } from './support.js';

test('given files on a node, when an instance is created, then each step comes in its order', async () => {
  const cluster = await openCluster();
  expect(await create(cluster, request())).toEqual(['node1']);
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node1
    lock node-res/node-node1
    rpc nodeInfo node1
    rpc validateHypervisor node1 fake
    rpc validateOs node1 debian
    rpc findOs node1 debian
    rpc bridgesExist node1 xen-br0
    rpc nodeInfo node1
    rpc hooks node1 instance-add pre
    step Making directory /srv/ganeti/file-storage/web1.example.com on node1
    rpc createStorageDir node1 /srv/ganeti/file-storage/web1.example.com
    step Making disk 0 (64 MiB) on node1
    rpc createDisk node1 /srv/ganeti/file-storage/web1.example.com/#1.file.disk0 64
    step Adding web1.example.com to the configuration
    commit add instance web1.example.com
    step Installing debian on web1.example.com
    rpc installOs node1 web1.example.com debian
    info Log of the installation: /var/log/os/add-web1.example.com.log on node1
    rpc publishMetadata node1 web1.example.com
    step Starting web1.example.com on node1
    rpc startInstance node1 web1.example.com
    commit instance web1.example.com is up
    rpc hooks node1 instance-add post"
  `);
});

test('given two disks and wiping, when an instance is created, then disks are wiped before the OS comes', async () => {
  const cluster = await openCluster({ cluster: { wipeDisks: true } });
  const disks = [
    { size: '1g', name: 'root' },
    { size: 64, mode: 'ro' as const },
  ];
  await create(cluster, request({ diskTemplate: 'sharedfile', disks, fileStorageDir: 'a/b' }));
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node1
    lock node-res/node-node1
    rpc nodeInfo node1
    rpc validateHypervisor node1 fake
    rpc validateOs node1 debian
    rpc findOs node1 debian
    rpc bridgesExist node1 xen-br0
    rpc nodeInfo node1
    rpc hooks node1 instance-add pre
    step Making directory /srv/ganeti/shared-file-storage/a/b/web1.example.com on node1
    rpc createStorageDir node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com
    step Making disk 0 (1024 MiB) on node1
    rpc createDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 1024
    step Making disk 1 (64 MiB) on node1
    rpc createDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 64
    step Adding web1.example.com to the configuration
    commit add instance web1.example.com
    step Wiping disk 0 (1024 MiB) on node1
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 0+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 102+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 204+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 306+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 408+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 510+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 612+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 714+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 816+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 918+102
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#1.sharedfile.disk0 1020+4
    step Wiping disk 1 (64 MiB) on node1
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 0+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 6+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 12+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 18+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 24+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 30+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 36+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 42+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 48+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 54+6
    rpc wipeDisk node1 /srv/ganeti/shared-file-storage/a/b/web1.example.com/#2.sharedfile.disk1 60+4
    step Installing debian on web1.example.com
    rpc installOs node1 web1.example.com debian
    info Log of the installation: /var/log/os/add-web1.example.com.log on node1
    rpc publishMetadata node1 web1.example.com
    step Starting web1.example.com on node1
    rpc startInstance node1 web1.example.com
    commit instance web1.example.com is up
    rpc hooks node1 instance-add post"
  `);
  const instance = cluster.config.findInstance('web1.example.com');
  expect(instance).toMatchObject({
    adminState: 'up',
    disksActive: true,
    diskTemplate: 'sharedfile',
  });
  expect(instance && cluster.config.disksOf(instance)).toMatchObject([
    { index: 0, sizeMib: 1024, mode: 'rw', name: 'root' },
    { index: 1, sizeMib: 64, mode: 'ro' },
  ]);
});

test('given no disks, when an instance is created, then nothing is made, wiped or installed', async () => {
  const cluster = await openCluster({ cluster: { wipeDisks: true } });
  await create(
    cluster,
    request({ diskTemplate: 'diskless', disks: [{ size: 100 }], start: false }),
  );
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node1
    lock node-res/node-node1
    rpc validateHypervisor node1 fake
    rpc validateOs node1 debian
    rpc findOs node1 debian
    rpc bridgesExist node1 xen-br0
    rpc hooks node1 instance-add pre
    step Adding web1.example.com to the configuration
    commit add instance web1.example.com
    rpc publishMetadata node1 web1.example.com
    rpc hooks node1 instance-add post"
  `);
  expect(cluster.config.findInstance('web1.example.com')).toMatchObject({
    adminState: 'down',
    disksActive: false,
    diskIds: [],
  });
  expect(await cluster.leftovers()).toEqual([]);
});

test('given the rung of all locks, when an instance is created, then all is locked, and then the choice', async () => {
  const cluster = await openCluster();
  cluster.nodes.state(nodeIdOf('node1')).memoryFreeMib = 2048;
  const held: Promise<string>[] = [];
  const result = await create(cluster, placedRequest({ placementRung: 'full' }), {
    onReport: (event) => {
      if (event.type === 'call') held.push(heldAt(cluster, event.method));
      if (event.type === 'commit') held.push(heldAt(cluster, event.why));
    },
  });
  expect(result).toEqual(['node2']);
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    rung full
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node1 node/node-node2
    lock node-res/node-node1 node-res/node-node2
    step Asking allocator most-free for a place
    rpc nodeInfo node1,node2
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
  expect((await Promise.all(held)).join('\n')).toMatchInlineSnapshot(`
    "nodeInfo: instance/web1.example.com nodegroup/[lockset] node/[lockset] node-res/[lockset]
    nodeInfo: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    validateHypervisor: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    validateOs: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    findOs: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    bridgesExist: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    nodeInfo: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    createStorageDir: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    createDisk: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    add instance web1.example.com: instance/web1.example.com nodegroup/group-default node/node-node2 node-res/node-node2
    installOs: instance/web1.example.com nodegroup/group-default
    publishMetadata: instance/web1.example.com nodegroup/group-default
    startInstance: instance/web1.example.com nodegroup/group-default
    instance web1.example.com is up: instance/web1.example.com nodegroup/group-default"
  `);
  expect(cluster.open.locks.explain()).toMatchObject({ locks: [], pending: [] });
});

test('given a busy node and a full one, when locking is opportunistic, then it tries again with all', async () => {
  const cluster = await openCluster();
  cluster.nodes.state(nodeIdOf('node2')).storageFreeMib = 10;
  const other = ownerId('other');
  await cluster.open.locks.acquire(other, [{ lock: 'node/node-node1', mode: 'exclusive' }]);
  const op = placedRequest({ opportunisticLocking: true });
  const result = await create(cluster, op, {
    onReport: ({ type }) => {
      if (type === 'lockWait') void cluster.open.locks.release(other, 'all');
    },
  });
  expect(result).toEqual(['node1']);
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    rung opportunistic
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node2
    lock node-res/node-node2
    step Asking allocator most-free for a place
    rpc nodeInfo node2
    retry Allocator most-free found no place for web1.example.com: 1 node busy; 1 node with too little disk space
    lock cluster/BGL
    rung full
    lock instance/web1.example.com
    lock nodegroup/group-default
    lock node/node-node1 node/node-node2
    lock node-res/node-node1 node-res/node-node2
    step Asking allocator most-free for a place
    rpc nodeInfo node1,node2
    info Allocator most-free chose node1: 49 % stay free
    rpc nodeInfo node1
    rpc validateHypervisor node1 fake
    rpc validateOs node1 debian
    rpc findOs node1 debian
    rpc bridgesExist node1 xen-br0
    rpc nodeInfo node1
    rpc hooks node1 instance-add pre
    step Making directory /srv/ganeti/file-storage/web1.example.com on node1
    rpc createStorageDir node1 /srv/ganeti/file-storage/web1.example.com
    step Making disk 0 (64 MiB) on node1
    rpc createDisk node1 /srv/ganeti/file-storage/web1.example.com/#1.file.disk0 64
    step Adding web1.example.com to the configuration
    commit add instance web1.example.com
    step Installing debian on web1.example.com
    rpc installOs node1 web1.example.com debian
    info Log of the installation: /var/log/os/add-web1.example.com.log on node1
    rpc publishMetadata node1 web1.example.com
    step Starting web1.example.com on node1
    rpc startInstance node1 web1.example.com
    commit instance web1.example.com is up
    rpc hooks node1 instance-add post"
  `);
});

test('given a busy node and a free one, when locking is opportunistic, then the free one is taken', async () => {
  const cluster = await openCluster();
  const other = ownerId('other');
  await cluster.open.locks.acquire(other, [{ lock: 'node-res/node-node1', mode: 'shared' }]);
  const op = placedRequest({ opportunisticLocking: true, diskTemplate: 'diskless', disks: [] });
  expect(await create(cluster, op)).toEqual(['node2']);
  expect(cluster.transcript.filter((line) => line.startsWith('lock node'))).toMatchInlineSnapshot(`
    [
      "lock nodegroup/group-default",
      "lock node/node-node2",
      "lock node-res/node-node2",
    ]
  `);
});

async function heldAt(cluster: TestCluster, moment: string): Promise<string> {
  const { locks } = await cluster.open.locks.explain();
  const names = locks.map(({ name }) => name).filter((name) => name !== 'cluster/BGL');
  return `${moment}: ${names.join(' ')}`;
}
