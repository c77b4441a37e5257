import { expect, test } from 'vitest';
import type { MirrorStatus } from '../../src/ports/node-facts.js';
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
