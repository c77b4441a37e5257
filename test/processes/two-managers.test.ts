/**
 * Two processes with the locks that are shared on etcd, on one store in memory, which both choose
 * places at the same time.
 */
import { expect, test } from 'vitest';
import type { AnyReport } from '../../src/reports.js';
import { placedRequest } from '../instance-create/support.js';
import { CrowdedNodes } from './crowded-nodes.js';
import { PromiseWatch } from './promise-watch.js';
import { TimedWorld } from './timed-world.js';
import { settle } from './world.js';

const MEMORY_MIB = 1024;
const DISK_MIB = 512;

/** Room for two instances on each of three nodes. */
const SCARCE = { memoryMib: 2 * MEMORY_MIB + 100, diskMib: 2 * DISK_MIB + 100, slowness: 0 };

interface Scarce {
  readonly world: TimedWorld;
  readonly crowd: CrowdedNodes;
  readonly promises: PromiseWatch;
}

async function scarce(storeMs: number, seed: number): Promise<Scarce> {
  let crowd: CrowdedNodes | undefined;
  const world = await TimedWorld.open({
    nodes: 3,
    processes: 2,
    questionMs: 10,
    commandMs: 30,
    storeMs,
    see: (nodes, ids) => {
      crowd ??= new CrowdedNodes(nodes, ids, { ...SCARCE, seed });
      return crowd.rpc;
    },
  });
  if (crowd === undefined) throw new Error('Nobody sees the nodes');
  return { world, crowd, promises: new PromiseWatch(world.store, crowd) };
}

function start({ world }: Scarce, n: number, events: AnyReport[] = []) {
  const op = placedRequest({
    instanceName: `web${n}.example.com`,
    disks: [{ size: DISK_MIB }],
    beParams: { minMemMib: MEMORY_MIB, maxMemMib: MEMORY_MIB, vcpus: 1 },
  });
  const jobId = `web${n}.example.com`;
  return world.create(n, op, { jobId, onReport: (event) => events.push(event) });
}

async function expectNothingHeld({ world }: Scarce): Promise<void> {
  await world.drive(settle());
  for (const { cluster, membership } of world.processes) {
    if (membership.signal.aborted) continue;
    expect(cluster.config.claimCount).toBe(0);
    expect(await cluster.locks.explain()).toEqual({ locks: [], pending: [] });
  }
  const { entries } = await world.store.range('');
  const left = entries.map(({ key }) => key);
  expect(
    left.filter((key) => /^(journal|config\/claimed|locks\/(owner|fence))\//.test(key)),
  ).toEqual([]);
}

test.each([0, 1, 4, 25])(
  'given a store that takes %i ms, when two processes place nine instances where six fit, then six are made',
  async (storeMs) => {
    const all = await scarce(storeMs, Number(process.env['SEED']));
    const events: AnyReport[] = [];

    const results = await all.world.drive(
      Promise.allSettled(Array.from({ length: 9 }, (_, n) => start(all, n, events))),
    );

    const failures = results.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as unknown] : [],
    );
    expect(failures).toHaveLength(3);
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'PrereqError', code: 'insufficient_resources' });
    }
    expect(all.crowd.overcommitted).toEqual([]);
    expect(all.promises.broken).toEqual([]);
    expect(all.promises.seen).toBeGreaterThanOrEqual(6);
    await expectNothingHeld(all);
  },
);

test('given two processes that choose the last place at the same moment, then one has it and the other climbs', async () => {
  const all = await scarce(2, 1);
  await all.world.drive(Promise.all([0, 1, 2, 3, 4].map((n) => start(all, n))));
  const ways: string[][] = [[], []];

  const results = await all.world.drive(
    Promise.allSettled(
      [6, 7].map((n, at) => {
        const events: AnyReport[] = [];
        return start(all, n, events).finally(() => {
          ways[at] = events.flatMap((event) => (event.type === 'rung' ? [event.rung] : []));
        });
      }),
    ),
  );

  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const winner = results.findIndex(({ status }) => status === 'fulfilled');
  expect(ways[winner]).toEqual(['claims']);
  expect(ways[1 - winner]).toEqual(['claims', 'opportunistic', 'full']);
  expect([all.crowd.overcommitted, all.promises.broken]).toEqual([[], []]);
  await expectNothingHeld(all);
});

test.each(['createDisk', 'installOs', 'startInstance'])(
  'given a process that dies in %s, then another one frees its locks and its room',
  async (method) => {
    const all = await scarce(2, 1);
    const { world } = all;
    world.nodes.faults.add({ method, kind: 'hang' });
    const run = start(all, 0).catch((error: unknown) => error);
    await world.until(() => world.calls.at(-1)?.includes(` ${method} `) === true);
    const [dead, living] = world.processes;
    if (dead === undefined || living === undefined) throw new Error('There are two processes');
    expect(living.cluster.config.claimants()).toEqual(['web0.example.com']);

    dead.membership.stop();
    expect(await world.drive(run)).toMatchObject({ name: 'LockLost' });
    await settle();
    expect(living.cluster.config.reservations('x').capacityOfOthers().size).toBe(1);
    await dead.membership.expire();
    await world.until(() => living.takenOver.length > 0);
    await world.clock.advance(1000);

    expect(living.takenOver).toMatchObject([{ id: 'web0.example.com', leaked: [] }]);
    expect(world.nodes.leftovers()).toEqual([]);
    await expectNothingHeld(all);
    // All the room is there again.
    const rest = [1, 3, 5, 7, 9, 11].map((n) => start(all, n));
    expect((await world.drive(Promise.all(rest))).flat()).toHaveLength(6);
    expect([all.crowd.overcommitted, all.promises.broken]).toEqual([[], []]);
  },
);
