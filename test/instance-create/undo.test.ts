import { expect, test } from 'vitest';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import type { UndoContext, UndoEntry } from '../../src/ports/journal.js';
import { toJson } from '../../src/instance-create/undo-json.js';
import type { NodeId } from '../../src/model/ids.js';
import { makeInstance, nodeIdOf } from '../../src/testing/make.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { create, openCluster, request } from './support.js';

const quiet = (): void => undefined;

function undoContext(cluster: TestCluster): UndoContext {
  return {
    rpc: cluster.nodes,
    config: cluster.config,
    report: {
      step: quiet,
      progress: quiet,
      info: quiet,
      warn: quiet,
      offer: quiet,
      rung: quiet,
    },
    signal: new AbortController().signal,
  };
}

/** The entries which a creation writes down, as they stand in the journal. */
async function journalled(cluster: TestCluster): Promise<readonly UndoEntry[]> {
  const entries: string[] = [];
  const { startInstance } = cluster.nodes;
  cluster.nodes.startInstance = async (...args) => {
    const { entries: records } = await cluster.store.range('journal/');
    entries.push(...records.map(({ value }) => value));
    return startInstance(...args);
  };
  await create(cluster, request());
  return entries
    .map((text) => JSON.parse(text) as Partial<UndoEntry>)
    .flatMap(({ what = '', action, args = {} }) =>
      action === undefined ? [] : [{ what, action, args }],
    );
}

test('given what a creation wrote down, when it is carried out twice, then nothing is left', async () => {
  const cluster = await openCluster();
  const entries = await journalled(cluster);
  expect(entries.map(({ action }) => action)).toEqual(['instance.withdraw', 'instance.stop']);
  const ctx = undoContext(cluster);
  for (const { action, args } of [...entries, ...entries].reverse()) {
    await instanceUndoActions[action]?.(args, ctx);
  }
  expect(await cluster.leftovers()).toEqual([]);
  expect([cluster.config.count('instance'), cluster.config.count('disk')]).toEqual([0, 0]);
});

test('given the journal of another operation, when it is carried out, then others keep what they have', async () => {
  const cluster = await openCluster();
  const entries = await journalled(cluster);
  await create(cluster, request({ instanceName: 'web2.example.com' }));
  const ctx = undoContext(cluster);
  for (const { action, args } of [...entries].reverse()) {
    await instanceUndoActions[action]?.(args, ctx);
  }
  expect([...cluster.config.all('instance')].map(({ name }) => name)).toEqual(['web2.example.com']);
  expect((await cluster.leftovers()).map((line) => line.replace(/[0-9a-f-]{36}/, '#'))).toEqual([
    'node1 directory /srv/ganeti/file-storage/web2.example.com',
    'node1 disk /srv/ganeti/file-storage/web2.example.com/#.file.disk0',
    'node1 running web2.example.com',
  ]);
});

test('given a mirror whose minor is another disk by now, when what was left of it is cleared, then the other stays', async () => {
  const options = { cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' } } as const;
  const cluster = await openCluster(options);
  const op = { diskTemplate: 'drbd', snode: 'node2', nameCheck: false, ipCheck: false } as const;
  // Disks go, but nobody hears of it: the entry stays.
  cluster.nodes.faults.add({ method: 'startInstance', kind: 'before' });
  cluster.nodes.faults.add({ method: 'removeDisk', kind: 'after', times: 50 });
  await expect(create(cluster, request(op))).rejects.toMatchObject({
    leaked: [expect.anything()],
  });
  cluster.nodes.faults.clear();
  await create(cluster, request({ ...op, instanceName: 'web2.example.com' }));
  const minors = [...cluster.config.all('disk')].map(({ location }) => location);
  expect(minors).toMatchObject([{ kind: 'drbd', minors: [0, 0] }]);
  const before = cluster.nodes.leftovers();
  expect((await cluster.recover()).operations).toMatchObject([{ leaked: [] }]);
  expect(cluster.nodes.leftovers()).toEqual(before);
  expect(before).toContain('node2 disk drbd:node-node1/0,node-node2/0');
});

test('given a directory with something else in it, when storage is cleared, then it stays, and that is fine', async () => {
  const cluster = await openCluster();
  const [clear] = await journalled(cluster);
  const { disks, directories } = cluster.nodes.state(nodeIdOf('node1'));
  disks.set('/srv/ganeti/file-storage/web1.example.com/notes', 1);
  await instanceUndoActions['instance.withdraw']?.(clear?.args ?? {}, undoContext(cluster));
  expect([...disks.keys()]).toEqual(['/srv/ganeti/file-storage/web1.example.com/notes']);
  expect([...directories]).toEqual(['/srv/ganeti/file-storage/web1.example.com']);
});

test('given a node that left the cluster, when an entry is carried out, then there is nothing to do', async () => {
  const cluster = await openCluster();
  const ctx = undoContext(cluster);
  const node = 'node-gone';
  const instance = makeInstance('web1', node as NodeId, new SeededIds(1));
  const disk = { id: 'disk', template: 'file', location: { kind: 'file', path: '/srv/x/1' } };
  const remains = toJson({ instance, devices: [{ node, disk }], directories: ['/srv/x'] });
  const guest = { node, instance: 'id', name: 'web1', hypervisor: 'fake', hvParams: {} };
  const renamed = toJson({ node, instance, renames: [] });
  const entries: Readonly<Record<string, UndoEntry['args']>> = {
    'instance.clear': { remains },
    'instance.withdraw': { remains },
    'instance.stop': { guest },
    'instance.rename-volumes-back': { renamed },
    'instance.resume-sync': { node, instance: 'id' },
    'instance.release-disks': { instance: 'gone' },
    'instance.start-again': { instance: 'gone' },
    'instance.mark-again': { instance: 'gone', adminState: 'down', disksActive: false },
    'transfer.clean': { node, name: 'daemon' },
    'transfer.remove-key': { node, name: 'key' },
    'transfer.remove-export': { node, name: 'web1' },
  };
  expect(Object.keys(entries).sort()).toEqual(Object.keys(instanceUndoActions).sort());
  for (const [action, args] of Object.entries(entries)) {
    await instanceUndoActions[action]?.(args, ctx);
  }
  expect(cluster.transcript).toEqual([]);
});

test.each(['transfer.clean', 'transfer.remove-key'])(
  'given a node that is marked offline, when %s is carried out, then it waits for the node',
  async (action) => {
    const cluster = await openCluster({ nodes: [{ name: 'node1', offline: true }] });
    const args = { node: nodeIdOf('node1'), name: 'x' };
    const run = instanceUndoActions[action]?.(args, undoContext(cluster));
    await expect(run).rejects.toThrow('Node node1 is marked offline');
    expect(cluster.transcript).toEqual([]);
  },
);

test('given mirrors of an instance that is gone, when they are to be resumed, then that is done', async () => {
  const cluster = await openCluster();
  const args = { node: nodeIdOf('node1'), instance: 'gone' };
  await instanceUndoActions['instance.resume-sync']?.(args, undoContext(cluster));
  expect(cluster.transcript).toEqual([]);
});

test.each(Object.keys(instanceUndoActions))(
  'given damaged arguments, when %s is carried out, then it is an error, not a guess',
  async (action) => {
    const ctx = undoContext(await openCluster());
    for (const args of [{}, { node: 5 }, { nodes: ['x'], disks: [{}], directories: [] }]) {
      const run = instanceUndoActions[action]?.(args, ctx);
      await expect(run).rejects.toMatchObject({ kind: 'config', code: 'corrupt' });
    }
  },
);

test('given a node that does not stop a guest, when that is undone, then it is an error', async () => {
  const cluster = await openCluster();
  cluster.nodes.faults.add({ method: 'stopInstance', message: 'no monitor' });
  const guest = { instance: 'id', name: 'web1', hypervisor: 'fake', hvParams: {} };
  const args = { guest: { node: nodeIdOf('node1'), ...guest } };
  const run = instanceUndoActions['instance.stop']?.(args, undoContext(cluster));
  await expect(run).rejects.toThrow('Cannot stop web1 on node1: no monitor');
});

test('given a directory that cannot be removed, when storage is cleared, then it is an error', async () => {
  const cluster = await openCluster();
  cluster.nodes.faults.add({ method: 'removeStorageDir', message: 'read-only' });
  const instance = makeInstance('web1', nodeIdOf('node1'), new SeededIds(1));
  const args = { remains: toJson({ instance, devices: [], directories: ['/srv/x'] }) };
  const run = instanceUndoActions['instance.clear']?.(args, undoContext(cluster));
  await expect(run).rejects.toThrow('Cannot remove directory /srv/x on node1: read-only');
});
