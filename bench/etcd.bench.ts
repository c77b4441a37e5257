/**
 * What locks on etcd cost, held against bare transactions and a bare watch on the same server: one
 * member on loopback, started for this and thrown away. All figures are wall time, since most of it
 * is the server's, which waits for its disk.
 */
import { Cluster } from '../test/etcd/rig/cluster.js';
import { findEtcd } from '../test/etcd/rig/etcd-binary.js';
import { BareEtcd } from './etcd/bare.js';
import { HandOvers } from './etcd/hand-overs.js';
import { fill, join, nodes, Owners, turn } from './etcd/processes.js';
import { Rounds, type Work } from './etcd/rounds.js';
import type { BenchRow } from './row.js';

const ROUNDS = 15;
const TURNS = 20;

/** What else is held while the cost of a full table is measured. */
const FULL = { owners: 100, locksEach: 10 } as const;

/** Measures; takes some twenty seconds. Nothing, and a word why, where there is no etcd. */
export async function benchEtcd(): Promise<BenchRow[]> {
  const found = findEtcd();
  if ('missing' in found) {
    process.stderr.write(`SKIPPED, no etcd: ${found.missing}\n`);
    return [];
  }
  process.stderr.write(`etcd ${found.version}, one member on loopback\n`);
  const cluster = await Cluster.start({ size: 1 });
  try {
    return [...(await benchTurns(cluster)), ...(await benchHandOvers(cluster))];
  } finally {
    await cluster.stop();
  }
}

async function benchTurns({ endpoints }: Cluster): Promise<BenchRow[]> {
  const bare = new BareEtcd(endpoints[0] ?? '');
  const empty = await join(endpoints, 'bench/empty/');
  const full = await join(endpoints, 'bench/full/');
  const owners = new Owners();
  await fill(full, owners, FULL);
  const pair = async (): Promise<void> => {
    const revision = await bare.put('bench/bare', 0, 'x');
    await bare.delete('bench/bare', revision);
  };
  const works: Readonly<Record<string, Work>> = {
    pair,
    one: () => turn(empty, owners.next(), nodes(1)),
    ten: () => turn(empty, owners.next(), nodes(10)),
    full: () => turn(full, owners.next(), nodes(1)),
  };
  const rounds = await Rounds.measure(works, { rounds: ROUNDS, times: TURNS });
  await Promise.all([empty.close(), full.close()]);
  bare.close();
  const held = FULL.owners * FULL.locksEach;
  return [
    rounds.row('etcd: acquire + release of a free lock', 'one', {
      peer: ['pair', 'two bare transactions'],
      goal: 1.5,
    }),
    rounds.row('etcd: 10 free locks at once', 'ten', { peer: ['one', 'one lock'], goal: 2 }),
    rounds.row(`etcd: a free lock while ${FULL.owners} others hold ${held}`, 'full', {
      peer: ['one', 'nobody holds anything'],
    }),
  ];
}

async function benchHandOvers({ endpoints }: Cluster): Promise<BenchRow[]> {
  const handOvers = await HandOvers.open(endpoints);
  const works = { watch: () => handOvers.bare(), handOver: () => handOvers.ours() };
  const rounds = await Rounds.measure(works, { rounds: ROUNDS, times: TURNS });
  await handOvers.close();
  return [
    rounds.row('etcd: hand-over to a waiter of another process', 'handOver', {
      peer: ['watch', 'a bare put until a bare watch shows it'],
      goal: 2,
    }),
  ];
}
