/**
 * Whether many creations at once are held up by their nodes or by each other: forty of them on
 * twenty nodes, by the ladder of placement and under full node locks, on etcd.
 */
import { Cluster } from '../test/etcd/rig/cluster.js';
import { findEtcd } from '../test/etcd/rig/etcd-binary.js';
import { IDEAL_PER_SECOND, ratePerSecond } from './etcd/crowd.js';
import { median, pairedRatio, pairedSpread } from './measure.js';
import type { BenchRow } from './row.js';

const ROUNDS = 3;

/** Under full locks they go nearly one by one, so fewer of them say as much. */
const CROWDS = {
  ladder: { rung: 'claims', count: 40, processes: 1 },
  shared: { rung: 'claims', count: 40, processes: 2 },
  full: { rung: 'full', count: 6, processes: 1 },
} as const;

type Crowd = keyof typeof CROWDS;

/** Measures; takes a minute. Nothing, and a word why, where there is no etcd. */
export async function benchPlacement(): Promise<BenchRow[]> {
  const found = findEtcd();
  if ('missing' in found) {
    process.stderr.write(`SKIPPED, no etcd: ${found.missing}\n`);
    return [];
  }
  const cluster = await Cluster.start({ size: 1 });
  const rates: Record<Crowd, number[]> = { ladder: [], shared: [], full: [] };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const crowd of Object.keys(CROWDS) as Crowd[]) {
        const prefix = `bench/${crowd}-${round}/`;
        rates[crowd].push(await ratePerSecond(cluster.endpoints, prefix, CROWDS[crowd]));
      }
    }
  } finally {
    await cluster.stop();
  }
  const ideal = rates.ladder.map(() => IDEAL_PER_SECOND);
  const ladder = '40 creations by the ladder';
  const always = '20 nodes at work all the time';
  return [
    row(ladder, rates.ladder, [always, ideal], 0.8),
    row(ladder, rates.ladder, ['6 under full node locks', rates.full]),
    row(`${ladder}, of two processes`, rates.shared, [always, ideal]),
  ];
}

function row(
  name: string,
  values: readonly number[],
  [peer, peers]: readonly [string, readonly number[]],
  goal?: number,
): BenchRow {
  const ratio = pairedRatio(values, peers);
  return {
    name: `placement: ${name}`,
    value: median(values),
    unit: 'per s',
    peer,
    peerValue: median(peers),
    ratio,
    spread: pairedSpread(values, peers),
    ...(goal === undefined ? {} : { goal: `≥ ${goal}x`, met: ratio >= goal }),
  };
}
