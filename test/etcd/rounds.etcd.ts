/**
 * Rounds of faults on three real members. In each, several processes work while something breaks;
 * afterwards the history of all operations has to be one that a store without faults could have
 * had, and a watcher has to have seen every change once.
 *
 * ROUNDS=5 makes them fewer, SEED repeats the dice (but not the timing of real programs).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEtcd } from '../../src/etcd/index.js';
import type { EtcdKvStore } from '../../src/etcd/etcd-kv-store.js';
import { systemClock } from '../../src/local/system-clock.js';
import type { OwnerId } from '../../src/ports/lock-manager.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';
import { loopback, namespaces, whyNoNamespaces } from './rig/network.js';
import { lasting, poll } from './rig/poll.js';
import { SlowDisk, whyNoSlowDisk } from './rig/slow-disk.js';
import { Desk, type Heir } from './rounds/desk.js';
import { type Fault, FAULTS } from './rounds/faults.js';
import { guarded } from './rounds/guarded.js';
import { registers } from './rounds/registers.js';
import { sets } from './rounds/sets.js';
import { Watcher } from './rounds/watching.js';
import type { BeginWorkload, Workload } from './rounds/workload.js';

const ROUNDS = Number(process.env['ROUNDS'] ?? 25);
const SEED = Number(process.env['SEED']);

/** What all processes do in every round, beside what some do under locks. */
const WORK: readonly BeginWorkload[] = [registers, sets];

/** Processes; each prefers another member. */
const PROCESSES = 4;

/** So many of them share locks; they die now and then. */
const LOCKING = 3;

const noNamespaces = HAS_ETCD ? whyNoNamespaces() : 'there is no etcd';
const noSlowDisk = HAS_ETCD ? whyNoSlowDisk() : 'there is no etcd';

/** Faults that this machine cannot have are skipped, and it is said why. */
const WHY_NOT: Readonly<Partial<Record<keyof typeof FAULTS, string | undefined>>> = {
  cutOff: noNamespaces,
  slow: noSlowDisk,
};

describe.runIf(HAS_ETCD)(`${ROUNDS} rounds`, () => {
  let cluster: Cluster;
  let disk: SlowDisk | undefined;
  const stores: EtcdKvStore[] = [];
  const desks: Desk[] = [];
  const heirs = new Map<OwnerId, Heir>();
  const tally = { takeOvers: 0, refused: 0 };
  const locking: BeginWorkload = guarded(desks, heirs, tally);

  beforeAll(async () => {
    const network = noNamespaces === undefined ? namespaces(3) : await loopback(3);
    cluster = await Cluster.start({ network });
    disk = noSlowDisk === undefined ? new SlowDisk() : undefined;
    const { endpoints } = cluster;
    for (let n = 0; n < PROCESSES; n++) {
      const turned = endpoints.map((_url, at) => endpoints[(at + n) % endpoints.length] ?? '');
      const times = { timeoutMs: 1_500, attemptMs: 250, pingMs: 2_000 };
      const options = { endpoints: turned, clock: systemClock(), prefix: 'rounds/', ...times };
      stores.push(await openEtcd(options));
    }
    desks.push(...stores.slice(0, LOCKING).map((store) => new Desk(store, heirs)));
  });
  afterAll(async () => {
    await Promise.all(desks.map((desk) => desk.die()));
    await Promise.all(stores.map((store) => store.close()));
    await cluster.stop();
    disk?.remove();
  });

  for (const [kind, fault] of Object.entries(FAULTS) as [keyof typeof FAULTS, Fault][]) {
    const why = WHY_NOT[kind];
    const name = `while ${fault.name}, should do what a single store does`;
    if (why !== undefined) process.stdout.write(`SKIPPED ${fault.name}: ${why}\n`);
    test.runIf(why === undefined)(name, { timeout: 10_000 + ROUNDS * 5_000 }, async () => {
      const total = { operations: 0, unknown: 0, changes: 0 };
      Object.assign(tally, { takeOvers: 0, refused: 0 });
      for (let round = 0; round < ROUNDS; round++) {
        const result = await playRound(fault, `${kind}/${round}/`, new SeededIds(SEED + round));
        expect(result.violations, `round ${round}, SEED=${SEED}`).toEqual([]);
        total.operations += result.operations;
        total.unknown += result.unknown;
        total.changes += result.changes;
      }
      // Faults that nobody notices prove nothing.
      expect(total.operations).toBeGreaterThan(ROUNDS * 20);
      if (ROUNDS >= 10) expect(Math.min(tally.takeOvers, tally.refused)).toBeGreaterThan(0);
      process.stdout.write(
        `${ROUNDS} rounds in which ${fault.name}: the checker saw ${total.operations} operations ` +
          `(${total.unknown} of unknown outcome), the watcher ${total.changes} changes; ${tally.takeOvers} owners were ` +
          `taken over, ${tally.refused} late writes refused\n`,
      );
    });
  }

  async function playRound(fault: Fault, prefix: string, dice: SeededIds) {
    const [first] = stores;
    if (first === undefined) throw new Error('There are no processes');
    const { revision } = await first.range(prefix);
    const watcher = new Watcher(stores[dice.integer(PROCESSES)] ?? first, prefix, revision);
    const common = WORK.map((begin) => begin(prefix));
    const locked = locking(prefix);
    const workloads = [...common, locked];
    const stop = new AbortController();
    const working = stores.flatMap((store, n) => [
      carryOut(store, n, common, dice, stop.signal),
      ...(n < LOCKING ? [carryOut(store, n, [locked], dice, stop.signal)] : []),
    ]);
    await lasting(100);
    const heal = await fault.strike(cluster, dice, disk);
    await lasting(fault.lastsMs);
    heal();
    await cluster.healthy();
    await lasting(100);
    stop.abort();
    await Promise.all(working);
    for (const workload of workloads) await workload.finish(first);
    const range = await poll('the end', () => first.range(prefix));
    return judged(workloads, await watcher.finish(range));
  }
});

/** One process: one operation after the other, until it is told to stop. */
async function carryOut(
  store: EtcdKvStore,
  process: number,
  workloads: readonly Workload[],
  dice: SeededIds,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await workloads[dice.integer(workloads.length)]?.step(store, process, dice);
    await lasting(dice.integer(12));
  }
}

function judged(
  workloads: readonly Workload[],
  watched: { readonly changes: number; readonly violations: readonly string[] },
) {
  const all = workloads.map((workload) => workload.judge());
  return {
    operations: all.reduce((sum, { operations }) => sum + operations, 0),
    unknown: all.reduce((sum, { unknown }) => sum + unknown, 0),
    changes: watched.changes,
    violations: [...all.flatMap(({ violations }) => violations), ...watched.violations],
  };
}
