import { expect, test } from 'vitest';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { LUInstanceStart, type StartOp } from '../../src/lus/instance-start.js';
import { LUInstanceStop, type StopOp } from '../../src/lus/instance-stop.js';
import type { Instance } from '../../src/model/instance.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster, type TestClusterOptions } from '../../src/testing/test-cluster.js';

function open(
  facts: Partial<Instance> = {},
  options: TestClusterOptions = {},
): Promise<TestCluster> {
  return TestCluster.open({
    instances: [{ name: 'web1.example.com', disksMib: [64], ...facts }],
    undoActions: instanceUndoActions,
    ...options,
  });
}

const OFFLINE = { nodes: [{ name: 'node0' }, { name: 'node1', offline: true }] };
const ON_NODE1 = { primaryNode: nodeIdOf('node1') };

test('given a stopped instance, when it is started, then it runs, and then it counts as up', async () => {
  const cluster = await open();
  await cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  expect(cluster.transcript.join('\n')).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock node/node-node1
    lock node-res/node-node1
    rpc instanceStatus node1 web1.example.com
    rpc nodeInfo node1
    rpc hooks node1 instance-start pre
    step Starting web1.example.com on node1
    rpc startInstance node1 web1.example.com
    commit instance web1.example.com is up
    rpc hooks node1 instance-start post"
  `);
  expect(cluster.config.findInstance('web1')).toMatchObject({
    adminState: 'up',
    disksActive: true,
  });
  expect(await cluster.leftovers()).toEqual(['node1 running web1.example.com']);
});

test('given a running instance, when it is stopped, then its state is written down after that', async () => {
  const cluster = await open({ adminState: 'up', disksActive: true });
  await cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  cluster.transcript.length = 0;
  await cluster.run(new LUInstanceStop(), { instanceName: 'web1', graceMs: 1500 });
  expect(cluster.transcript.join('\n')).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock node/node-node1
    rpc hooks node1 instance-stop pre
    step Stopping web1.example.com on node1
    rpc stopInstance node1 web1.example.com
    commit instance web1.example.com is down
    rpc hooks node1 instance-stop post"
  `);
  expect(cluster.config.findInstance('web1')).toMatchObject({
    adminState: 'down',
    disksActive: false,
  });
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a running instance, when it is started again, then its node is left alone', async () => {
  const cluster = await open();
  await cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  cluster.transcript.length = 0;
  await cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  expect(cluster.transcript.filter((line) => line.includes('startInstance'))).toEqual([]);
});

test('given a stopped instance, when it is stopped again, then that is fine', async () => {
  const cluster = await open();
  await cluster.run(new LUInstanceStop(), { instanceName: 'web1' });
  expect(cluster.config.findInstance('web1')?.adminState).toBe('down');
});

test('given hooks, when an instance is started and stopped, then they see what Ganeti shows', async () => {
  const seen: Record<string, Readonly<Record<string, string>>> = {};
  const cluster = await open(
    {},
    {
      hook: ({ path, phase, env }) => {
        seen[`${path} ${phase}`] = env;
        return [];
      },
    },
  );
  await cluster.run(new LUInstanceStart(), { instanceName: 'web1', force: true });
  await cluster.run(new LUInstanceStop(), { instanceName: 'web1', graceMs: 1500 });
  const id = cluster.config.findInstance('web1')?.diskIds[0];
  expect(seen['instance-start pre']).toMatchObject({
    GANETI_OP_CODE: 'OP_INSTANCE_STARTUP',
    GANETI_FORCE: 'True',
    GANETI_OP_TARGET: 'web1.example.com',
    GANETI_INSTANCE_STATUS: 'down',
    GANETI_INSTANCE_OS_TYPE: 'None',
    GANETI_INSTANCE_DISK0_UUID: id,
    GANETI_INSTANCE_DISK0_DEV_TYPE: 'file',
    GANETI_INSTANCE_DISK0_DRIVER: 'loop',
    GANETI_INSTANCE_DISK0_ID: '/srv/ganeti/file-storage/web1.example.com/disk0',
  });
  expect(seen['instance-start post']).toMatchObject({
    GANETI_INSTANCE_STATUS: 'down',
    GANETI_POST_INSTANCE_STATUS: 'up',
  });
  expect(seen['instance-stop pre']).toMatchObject({
    GANETI_OP_CODE: 'OP_INSTANCE_SHUTDOWN',
    GANETI_TIMEOUT: '2',
    GANETI_INSTANCE_STATUS: 'up',
  });
  expect(seen['instance-stop post']).toMatchObject({ GANETI_POST_INSTANCE_STATUS: 'down' });
});

const BOTH = [
  {
    what: 'started',
    state: 'up',
    run: (cluster: TestCluster, op: StartOp) => cluster.run(new LUInstanceStart(), op),
  },
  {
    what: 'stopped',
    state: 'down',
    run: (cluster: TestCluster, op: StopOp) => cluster.run(new LUInstanceStop(), op),
  },
];

test.each(BOTH)(
  'given an offline node, when an instance is $what, then it is refused, unless that is ignored',
  async (lu) => {
    const cluster = await open({ ...ON_NODE1, adminState: 'up' }, OFFLINE);
    const run = lu.run(cluster, { instanceName: 'web1' });
    await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
    await expect(run).rejects.toThrow("'node1' of 'web1.example.com' is marked offline");
    await lu.run(cluster, { instanceName: 'web1', ignoreOfflineNodes: true });
    expect(cluster.transcript.filter((line) => /rpc \w+Instance/.test(line))).toEqual([]);
    expect(cluster.config.findInstance('web1')?.adminState).toBe(lu.state);
  },
);

test.each(BOTH)(
  'given an unknown instance or field, when an instance is $what, then it is refused',
  async (lu) => {
    const cluster = await open();
    const unknown = lu.run(cluster, { instanceName: 'web2' });
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_entity' });
    const odd = lu.run(cluster, { instanceName: 'web1', ...{ colour: 1 } });
    await expect(odd).rejects.toMatchObject({ code: 'wrong_input' });
    expect(await cluster.leftovers()).toEqual([]);
  },
);

test('given an instance marked offline, when it is started, then it is refused', async () => {
  const cluster = await open({ adminState: 'offline' });
  const run = cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
});

test('given too little memory, when an instance is started, then it is refused', async () => {
  const cluster = await open({ beParams: { maxMemMib: 4096 } });
  cluster.nodes.state(nodeIdOf('node1')).memoryFreeMib = 4095;
  const run = cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  await expect(run).rejects.toMatchObject({ code: 'insufficient_resources' });
});

test('given a start that fails or whose answer is lost, when it is undone, then nothing runs', async () => {
  for (const kind of ['before', 'after'] as const) {
    const cluster = await open();
    cluster.nodes.faults.add({ method: 'startInstance', kind });
    const run = cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
    await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(cluster.config.findInstance('web1')?.adminState).toBe('down');
    expect(await cluster.leftovers()).toEqual([]);
  }
});

test('given a node that does not say what runs, when an instance is started, then it is refused', async () => {
  const cluster = await open();
  cluster.nodes.faults.add({ method: 'instanceStatus', failure: 'unreachable' });
  const run = cluster.run(new LUInstanceStart(), { instanceName: 'web1' });
  await expect(run).rejects.toMatchObject({ code: 'environment_error' });
});

test('given a guest that does not stop, when it is stopped, then it still counts as up', async () => {
  const cluster = await open({ adminState: 'up' });
  cluster.nodes.faults.add({ method: 'stopInstance', message: 'no monitor' });
  const run = cluster.run(new LUInstanceStop(), { instanceName: 'web1' });
  await expect(run).rejects.toThrow('Cannot stop web1.example.com on node1: no monitor');
  expect(cluster.config.findInstance('web1')?.adminState).toBe('up');
});
