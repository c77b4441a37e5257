/**
 * A start that is interrupted once the configuration says that the guest is to run: it is taken back
 * as a whole, so that guest and configuration say the same.
 */
import { expect, test } from 'vitest';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { LUInstanceStart } from '../../src/lus/instance-start.js';
import { openCluster as reopen } from '../../src/open-cluster.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { TestCluster } from '../../src/testing/test-cluster.js';
import { FailingStore } from '../instance-create/failing-store.js';
import { MortalStore } from './mortal-store.js';

const RUNNING = 'node1 running web1.example.com';
const START = { instanceName: 'web1' };

function open(store: KvStore): Promise<TestCluster> {
  return TestCluster.open({
    instances: [{ name: 'web1.example.com', disksMib: [64] }],
    undoActions: instanceUndoActions,
    store,
  });
}

test('given each write of the store in turn failing, then guest and configuration agree', async () => {
  const clean = new FailingStore();
  const first = await open(clean);
  const opened = clean.seen;
  await first.run(new LUInstanceStart(), START);
  const writes = clean.seen - opened;
  for (let at = 1; at <= writes; at++) {
    const store = new FailingStore();
    const cluster = await open(store);
    store.failAt = store.seen + at;
    const run = cluster.run(new LUInstanceStart(), START);
    await expect(run, `write ${at}`).rejects.toMatchObject({ kind: 'config', code: 'io' });
    const after = cluster.config.findInstance('web1');
    expect(after).toMatchObject({ adminState: 'down', disksActive: false });
    expect(await cluster.leftovers()).toEqual([]);
  }
  expect(writes).toBe(3);
});

test('given a process killed at any write, when the next one recovers, then guest and configuration agree', async () => {
  const ends = new Set<string>();
  let writes = 0;
  for (let isDone = false; !isDone; writes++) {
    const store = new MortalStore();
    const cluster = await open(store);
    store.left = writes + 1;
    // Nodes are not called by a process that is dead.
    store.onDeath = () => cluster.nodes.faults.add({ times: 1000, failure: 'unreachable' });
    await cluster.run(new LUInstanceStart(), START).catch(() => undefined);
    isDone = !store.isDead;
    store.revive();
    cluster.nodes.faults.clear();

    const next = await reopen({
      store,
      rpc: cluster.nodes,
      hooks: cluster.nodes,
      resolver: new StubResolver({}),
      hypervisors: [new StubHypervisor('kvm')],
      undoActions: instanceUndoActions,
      undoRetry: { attempts: 1, delayMs: 0 },
      clock: new ManualClock(),
      ids: new SeededIds(99),
    });
    const { operations } = await next.recover();
    expect(operations.flatMap(({ leaked }) => leaked)).toEqual([]);
    const { adminState } = next.config.findInstance('web1') ?? {};
    const isRunning = cluster.nodes.leftovers().includes(RUNNING);
    expect([writes + 1, isRunning]).toEqual([writes + 1, adminState === 'up']);
    const { entries } = await store.range('journal/');
    expect(entries).toEqual([]);
    ends.add(adminState ?? 'gone');
  }
  expect(writes).toBeGreaterThan(3);
  expect([...ends].sort()).toEqual(['down', 'up']);
});
