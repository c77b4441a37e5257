import { expect, test } from 'vitest';
import type { MirrorStatus } from '../../src/ports/node-facts.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { answered } from '../../src/ports/reply.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { inTime } from './import-support.js';
import { create, openCluster, request } from './support.js';

const SYNCING: MirrorStatus = { degraded: true, syncPercent: 90 };

/** The times at which the node is asked, seconds after the first; it syncs for three questions. */
async function questions(syncing: MirrorStatus): Promise<readonly number[]> {
  const cluster: TestCluster = await openCluster({
    cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' },
  });
  const asked: number[] = [];
  const mirrorStatus = (): Promise<unknown> => {
    asked.push(cluster.clock.monotonic());
    return Promise.resolve(answered([asked.length <= 3 ? syncing : { degraded: false }]));
  };
  Object.assign(cluster.nodes, { mirrorStatus });
  const op = request({ diskTemplate: 'drbd', snode: 'node2', waitForSync: true });
  await inTime(cluster, create(cluster, op));
  return asked.slice(0, 4).map((atMs) => (atMs - (asked[0] ?? 0)) / 1000);
}

test.each([
  ['says nothing of how long it will take', SYNCING, [0, 5, 10, 15]],
  ['says how long it will take', { ...SYNCING, estimatedS: 7 }, [0, 7, 14, 21]],
  ['says that it will take hours', { ...SYNCING, estimatedS: 9000 }, [0, 60, 120, 180]],
  ['says "at once", again and again', { ...SYNCING, estimatedS: 0 }, [0, 1, 2, 3]],
  ['says that it was done before', { ...SYNCING, estimatedS: -9 }, [0, 1, 2, 3]],
])(
  'given mirrors that sync, when their node %s, then it is asked with pauses',
  async (...given) => {
    const [, syncing, times] = given;
    expect(await questions(syncing)).toEqual(times);
  },
);

test('should leave resuming to the journal when it is cancelled while a node does not resume', async () => {
  const cluster: TestCluster = await openCluster({
    cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg', wipeDisks: true },
  });
  const told: boolean[] = [];
  const stop = new AbortController();
  // First the pause, then what ends it.
  cluster.nodes.faults.add({ method: 'pauseSync', nth: 2, kind: 'hang' });
  const { pauseSync } = cluster.nodes;
  const calls: Pick<NodeRpc, 'pauseSync'> = {
    pauseSync: (node, asked, call) => {
      told.push(asked.pause);
      if (!asked.pause) setImmediate(() => stop.abort());
      return pauseSync(node, asked, call);
    },
  };
  Object.assign(cluster.nodes, calls);
  const ended: number[] = [];
  const op = request({ diskTemplate: 'drbd', snode: 'node2' });
  const work = create(cluster, op, {
    signal: stop.signal,
    onReport: (event) => {
      if (event.type === 'phaseEnd' && event.phase === 'exec')
        ended.push(cluster.clock.monotonic());
    },
  });
  await expect(inTime(cluster, work)).rejects.toMatchObject({ kind: 'cancelled' });
  // A node may take a minute to resume: nobody has waited for it.
  expect(Math.max(...ended)).toBeLessThan(10_000);
  expect(told).toEqual([true, false, false]);
  expect(await cluster.leftovers()).toEqual([]);
});
