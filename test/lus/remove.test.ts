import { expect, test } from 'vitest';
import { LUInstanceRemove } from '../../src/lus/instance-remove.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { create, openCluster, request, story } from '../instance-create/support.js';

/** A cluster with a running instance of two disks. */
async function withInstance(options: TestClusterOptions = {}): Promise<TestCluster> {
  const cluster = await openCluster(options);
  await create(cluster, request({ hypervisor: 'kvm', disks: [{ size: 64 }, { size: 32 }] }));
  cluster.transcript.length = 0;
  return cluster;
}

async function rest(cluster: TestCluster): Promise<readonly string[]> {
  return [
    ...(await cluster.leftovers()),
    ...[...cluster.config.all('instance')].map(({ name }) => `instance ${name}`),
    ...[...cluster.config.all('disk')].map(({ id }) => `disk ${id}`),
  ];
}

const OP = { instanceName: 'web1' };

test('given a running instance, when it is removed, then it is stopped and nothing is left of it', async () => {
  const cluster = await withInstance();
  await cluster.run(new LUInstanceRemove(), OP);
  expect(story(cluster)).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock node/node-node1
    lock node-res/node-node1
    rpc hooks node1 instance-remove pre
    step Stopping web1.example.com on node1
    rpc stopInstance node1 web1.example.com
    step Removing web1.example.com
    commit remove instance web1.example.com
    rpc removeDisk node1 /srv/ganeti/file-storage/web1.example.com/#1.file.disk0
    rpc removeDisk node1 /srv/ganeti/file-storage/web1.example.com/#2.file.disk1
    rpc removeStorageDir node1 /srv/ganeti/file-storage/web1.example.com
    rpc hooks node1 instance-remove post"
  `);
  expect(await rest(cluster)).toEqual([]);
  expect(cluster.config.cluster.portPool).toEqual([11000]);
  expect(await create(cluster, request())).toEqual(['node1']);
});

test('given a diskless instance, when it is removed, then no disk is asked for', async () => {
  const cluster = await openCluster();
  await create(cluster, request({ diskTemplate: 'diskless', disks: [], start: false }));
  await cluster.run(new LUInstanceRemove(), OP);
  expect(cluster.transcript.filter((line) => /rpc remove/.test(line))).toEqual([]);
  expect(await rest(cluster)).toEqual([]);
});

test('given hooks, when an instance is removed, then they know it before and after', async () => {
  const seen: [string, Readonly<Record<string, string>>][] = [];
  const cluster = await withInstance({
    hook: ({ path, phase, node, env }) => {
      seen.push([`${path} ${phase} ${node}`, env]);
      return [];
    },
    nodes: [{ name: 'node0' }, { name: 'node1' }],
  });
  seen.length = 0;
  await cluster.run(new LUInstanceRemove(), { ...OP, graceMs: 30_000 });
  expect(seen.map(([where]) => where)).toEqual([
    'instance-remove pre node0',
    'instance-remove post node0',
    'instance-remove post node1',
  ]);
  expect(seen[0]?.[1]).toMatchObject({
    GANETI_OP_CODE: 'OP_INSTANCE_REMOVE',
    GANETI_SHUTDOWN_TIMEOUT: '30',
    GANETI_INSTANCE_STATUS: 'up',
    GANETI_INSTANCE_DISK_COUNT: '2',
  });
  expect(seen[1]?.[1]).toMatchObject({
    GANETI_POST_INSTANCE_NAME: 'web1.example.com',
    GANETI_POST_INSTANCE_DISK_COUNT: '2',
  });
});

test('given a disk that cannot be removed, when an instance is removed, then it is named and recovered', async () => {
  const cluster = await withInstance();
  cluster.nodes.faults.add({ method: 'removeDisk', times: 4, message: 'input/output error' });
  await expect(cluster.run(new LUInstanceRemove(), OP)).rejects.toMatchObject({
    kind: 'exec',
    leaked: [
      {
        what: 'what is left of the removed instance web1.example.com',
        reason: expect.stringMatching(/disk0 .*input\/output.*; .*disk1 .*input/) as string,
      },
    ],
  });
  expect(cluster.config.count('instance')).toBe(0);
  // The name is free again, and what is made under it is not in danger.
  await create(cluster, request());
  await cluster.recover();
  expect((await rest(cluster)).map((line) => line.replaceAll(/[0-9a-f-]{36}/g, '#'))).toEqual([
    'node1 directory /srv/ganeti/file-storage/web1.example.com',
    'node1 disk /srv/ganeti/file-storage/web1.example.com/#.file.disk0',
    'node1 running web1.example.com',
    'instance web1.example.com',
    'disk #',
  ]);
});

const CALLS = [
  { method: 'removeDisk', nth: 1 },
  { method: 'removeDisk', nth: 2 },
  { method: 'removeStorageDir', nth: 1 },
];

test.each(CALLS)(
  'given $method failing once ($nth), when an instance is removed, then it is gone',
  async (call) => {
    for (const kind of ['before', 'after'] as const) {
      const cluster = await withInstance();
      cluster.nodes.faults.add({ ...call, kind });
      const run = cluster.run(new LUInstanceRemove(), OP);
      await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
      expect(await rest(cluster)).toEqual([]);
    }
  },
);

test('given a guest that does not stop, when an instance is removed, then all of it stays', async () => {
  const cluster = await withInstance();
  const before = await rest(cluster);
  cluster.nodes.faults.add({ method: 'stopInstance' });
  const run = cluster.run(new LUInstanceRemove(), OP);
  await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
  expect(await rest(cluster)).toEqual(before);
});

test('given a caller who gives up in the middle, when an instance is removed, then it is whole or gone', async () => {
  const events = await (async () => {
    const cluster = await withInstance();
    const before = cluster.events.length;
    await cluster.run(new LUInstanceRemove(), OP);
    return cluster.events.length - before;
  })();
  for (let at = 1; at <= events; at++) {
    const cluster = await withInstance();
    const whole = (await rest(cluster)).filter((line) => !line.includes('running'));
    const abort = new AbortController();
    let seen = 0;
    const onReport = (): void => {
      seen += 1;
      if (seen === at) abort.abort();
    };
    await cluster
      .run(new LUInstanceRemove(), OP, { signal: abort.signal, onReport })
      .catch(() => undefined);
    const after = (await rest(cluster)).filter((line) => !line.includes('running'));
    expect([[], whole], `event ${at}`).toContainEqual(after);
  }
});

test('given an offline node, when an instance is removed all the same, then its disks stay due', async () => {
  const cluster = await withInstance({ nodes: [{ name: 'node0' }, { name: 'node1' }] });
  await setOffline(cluster, true);
  const refused = cluster.run(new LUInstanceRemove(), OP);
  await expect(refused).rejects.toMatchObject({ code: 'wrong_state' });
  const forced = cluster.run(new LUInstanceRemove(), { ...OP, ignoreOfflineNodes: true });
  await expect(forced).rejects.toMatchObject({
    kind: 'exec',
    leaked: [{ reason: 'Node node1 is marked offline' }],
  });
  expect(cluster.config.count('instance')).toBe(0);
  await setOffline(cluster, false);
  await cluster.recover();
  expect(await rest(cluster)).toEqual([]);
});

test('given a name that is used again, when what was left is cleared, then the new guest runs on', async () => {
  const cluster = await withInstance({ nodes: [{ name: 'node0' }, { name: 'node1' }] });
  await setOffline(cluster, true);
  const forced = cluster.run(new LUInstanceRemove(), { ...OP, ignoreOfflineNodes: true });
  await expect(forced).rejects.toMatchObject({ kind: 'exec' });
  await setOffline(cluster, false);
  await create(cluster, request());
  await cluster.recover();
  expect((await rest(cluster)).map((line) => line.replaceAll(/[0-9a-f-]{36}/g, '#'))).toEqual([
    'node1 directory /srv/ganeti/file-storage/web1.example.com',
    'node1 disk /srv/ganeti/file-storage/web1.example.com/#.file.disk0',
    'node1 running web1.example.com',
    'instance web1.example.com',
    'disk #',
  ]);
});

function setOffline(cluster: TestCluster, offline: boolean): Promise<void> {
  return cluster.config.commit('offline', (draft) =>
    draft.update('node', nodeIdOf('node1'), (node) => {
      node.offline = offline;
    }),
  );
}

test('given an instance that goes while its lock is waited for, when it is removed, then that is said', async () => {
  const cluster = await withInstance();
  const other = ownerId('other');
  const lock = 'instance/web1.example.com' as const;
  await cluster.open.locks.acquire(other, [{ lock, mode: 'exclusive' }]);
  const run = cluster.run(new LUInstanceRemove(), OP, {
    onReport: ({ type }) => {
      if (type !== 'lockWait') return;
      const instance = cluster.config.findInstance('web1');
      void cluster.config
        .commit('gone', (draft) => {
          draft.remove('instance', instance?.id ?? '');
          for (const id of instance?.diskIds ?? []) draft.remove('disk', id);
        })
        .then(() => cluster.open.locks.release(other, 'all'));
    },
  });
  await expect(run).rejects.toMatchObject({ code: 'unknown_entity' });
  await expect(run).rejects.toThrow('was removed while this operation waited');
});

test('given volumes, when their instance is removed, then no directory is looked for', async () => {
  const cluster = await openCluster({
    cluster: { enabledDiskTemplates: ['plain'], volumeGroup: 'xenvg' },
  });
  await create(cluster, request({ diskTemplate: 'plain' }));
  await cluster.run(new LUInstanceRemove(), OP);
  expect(cluster.transcript.filter((line) => line.includes('removeStorageDir'))).toEqual([]);
  expect(await rest(cluster)).toEqual([]);
});

test("given files of who knows whom, when their instance is removed, then their directory goes, the cluster's stays", async () => {
  const cluster = await withInstance();
  await cluster.config.commit('as from elsewhere', (draft) => {
    for (const { id } of cluster.config.all('disk')) {
      draft.update('disk', id, ({ location }) => {
        if (location.kind === 'file') delete location.madeDirectories;
      });
    }
  });
  await cluster.run(new LUInstanceRemove(), OP);
  expect(cluster.transcript.filter((line) => line.includes('removeStorageDir'))).toEqual([
    'rpc removeStorageDir node1 /srv/ganeti/file-storage/web1.example.com',
  ]);
  expect(await rest(cluster)).toEqual([]);
});
