import { expect, test } from 'vitest';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { type OpenCluster, openCluster as reopen } from '../../src/open-cluster.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { create, openCluster, request } from './support.js';

const OP = request({ disks: [{ size: 64 }, { size: 32 }] });

/** The process that comes after one that was killed: the same store, the same nodes. */
function nextProcess({ store, nodes }: TestCluster): Promise<OpenCluster> {
  return reopen({
    store,
    rpc: nodes,
    hooks: nodes,
    resolver: new StubResolver({}),
    hypervisors: [new StubHypervisor('fake')],
    undoActions: instanceUndoActions,
    undoRetry: { attempts: 1, delayMs: 0 },
    clock: new ManualClock(),
    ids: new SeededIds(99),
  });
}

/** Runs a creation which is killed when it makes its `nth` call of a kind. */
async function killedAt(method: string, nth: number): Promise<TestCluster> {
  const cluster = await openCluster({ cluster: { wipeDisks: true } });
  cluster.nodes.faults.add({ method, nth, kind: 'hang' });
  void create(cluster, OP).catch(() => undefined);
  const reached = (): boolean =>
    cluster.transcript.filter((line) => line.startsWith(`rpc ${method}`)).length === nth;
  for (let turn = 0; turn < 10_000 && !reached(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(reached()).toBe(true);
  return cluster;
}

test.each([
  ['createStorageDir', 1],
  ['createDisk', 1],
  ['createDisk', 2],
  ['wipeDisk', 1],
  ['wipeDisk', 2],
  ['installOs', 1],
  ['startInstance', 1],
] as const)(
  'given a process killed in %s (%i), when the next one recovers, then nothing is left',
  async (method, nth) => {
    const killed = await killedAt(method, nth);
    // Whether the node had begun or not: a guest may run, a disk may be there.
    const next = await nextProcess(killed);
    const report = await next.recover();
    expect(report.operations).toMatchObject([{ op: 'OP_INSTANCE_CREATE', leaked: [] }]);
    expect(killed.nodes.leftovers()).toEqual([]);
    expect([next.config.count('instance'), next.config.count('disk')]).toEqual([0, 0]);
    expect((await killed.store.range('journal/')).entries).toEqual([]);
    expect((await next.recover()).operations).toEqual([]);
  },
);

test('given a process killed before anything was made, when the next one recovers, then it has nothing to do', async () => {
  const killed = await killedAt('nodeInfo', 1);
  const next = await nextProcess(killed);
  expect(await next.recover()).toEqual({ operations: [], corrupt: [] });
});

test('given a node that does not answer, when recovery tries, then it names what is left and tries again', async () => {
  const killed = await killedAt('installOs', 1);
  const next = await nextProcess(killed);
  killed.nodes.faults.add({ method: 'removeDisk', times: 2, failure: 'unreachable' });
  expect((await next.recover()).operations).toMatchObject([
    { leaked: [{ what: 'instance web1.example.com in the configuration, and its disks' }] },
  ]);
  expect(killed.nodes.leftovers()).not.toEqual([]);
  await next.recover();
  expect(killed.nodes.leftovers()).toEqual([]);
});
