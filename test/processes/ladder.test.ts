/**
 * The ladder of placement under load: many creations at once, in one process and in two, on nodes
 * whose room is scarce.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { PlacementRung } from '../../src/ports/reporter.js';
import type { AnyReport } from '../../src/reports.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { placedRequest } from '../instance-create/support.js';
import { CrowdedNodes } from './crowded-nodes.js';
import { PromiseWatch } from './promise-watch.js';
import { makeWorld, type Process, settle, type World } from './world.js';

const MEMORY_MIB = 1024;
const DISK_MIB = 512;

interface Crowd {
  readonly nodes: number;
  readonly perNode: number;
  readonly creations: number;
  readonly slowness: number;
  readonly seed: number;
  readonly rungs: readonly (PlacementRung | undefined)[];
}

const crowds = fc.record<Crowd>({
  nodes: fc.integer({ min: 1, max: 5 }),
  perNode: fc.integer({ min: 1, max: 3 }),
  creations: fc.integer({ min: 1, max: 14 }),
  slowness: fc.integer({ min: 0, max: 5 }),
  seed: fc.nat(),
  rungs: fc.array(fc.constantFrom<PlacementRung | undefined>(undefined, 'opportunistic', 'full'), {
    minLength: 1,
    maxLength: 3,
  }),
});

interface Crowded {
  readonly world: World;
  readonly crowd: CrowdedNodes;
  readonly processes: readonly Process[];
  readonly events: AnyReport[];
  /** What was promised beyond what nodes have, in words. */
  readonly broken: string[];
}

async function crowded(about: Crowd, processCount: number): Promise<Crowded> {
  const { nodes, perNode, seed, slowness } = about;
  const world = await makeWorld({ nodeCount: nodes });
  const ids = Array.from({ length: nodes }, (_, n) => nodeIdOf(`node${n + 1}`));
  const [memoryMib, diskMib] = [perNode * MEMORY_MIB + 100, perNode * DISK_MIB + 100];
  const crowd = new CrowdedNodes(world.nodes, ids, { memoryMib, diskMib, seed, slowness });
  const processes: Process[] = [];
  for (let n = 0; n < processCount; n++) {
    processes.push(await world.start({ rpc: crowd.rpc, alone: processCount === 1 }));
  }
  const { broken } = new PromiseWatch(world.store, crowd);
  return { world, crowd, processes, events: [], broken };
}

function op(n: number, rung: PlacementRung | undefined): Partial<CreateOp> {
  return {
    instanceName: `web${n}.example.com`,
    disks: [{ size: DISK_MIB }],
    beParams: { minMemMib: MEMORY_MIB, maxMemMib: MEMORY_MIB, vcpus: 1 },
    ...(rung === undefined ? {} : { placementRung: rung }),
  };
}

function start(all: Crowded, about: Crowd, n: number, signal?: AbortSignal) {
  const { processes, events, crowd, broken } = all;
  const process = processes[n % processes.length];
  if (process === undefined) throw new Error('There is no process');
  const request = op(n, about.rungs[n % about.rungs.length]);
  const watch = process.cluster.config.reservations('watch');
  return process.cluster.run(new LUInstanceCreate(), placedRequest(request), {
    jobId: `web${n}.example.com`,
    onReport: (event) => {
      events.push(event);
      // What several processes claim counts when it is published.
      if (processes.length > 1) return;
      broken.push(...crowd.promisedTooMuch(watch.capacityOfOthers()));
    },
    ...(signal === undefined ? {} : { signal }),
  });
}

async function expectNothingClaimed({ processes, world }: Crowded): Promise<void> {
  await settle();
  for (const { cluster } of processes) {
    expect(cluster.config.claimCount).toBe(0);
    expect((await cluster.locks.explain()).locks).toEqual([]);
  }
  const { entries } = await world.store.range('');
  expect(entries.filter(({ key }) => /^(journal|config\/claimed)\//.test(key))).toEqual([]);
}

test.each([1, 2])(
  'given many creations in %i process(es), then no node is overcommitted or promised too much, and all succeed that fit',
  async (processCount) => {
    await fc.assert(
      fc.asyncProperty(crowds, async (about) => {
        const all = await crowded(about, processCount);
        const results = await Promise.allSettled(
          Array.from({ length: about.creations }, (_, n) => start(all, about, n)),
        );
        expect([all.crowd.overcommitted, all.broken]).toEqual([[], []]);
        const made = results.filter(({ status }) => status === 'fulfilled').length;
        const reasons = results.flatMap((r) => (r.status === 'rejected' ? [String(r.reason)] : []));
        const room = all.crowd.roomFor(MEMORY_MIB, DISK_MIB);
        expect([made, reasons]).toEqual([Math.min(room, about.creations), reasons]);
        for (const result of results) {
          if (result.status === 'fulfilled') continue;
          expect(result.reason).toMatchObject({ code: 'insufficient_resources' });
        }
        await expectNothingClaimed(all);
      }),
      { numRuns: 60, seed: Number(process.env['SEED']) },
    );
  },
);

test.each([1, 2])(
  'given creations of %i process(es) of which some fail or are given up, then nothing stays claimed and no node is overcommitted',
  async (processCount) => {
    await fc.assert(
      fc.asyncProperty(
        crowds,
        fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
        fc.constantFrom('createDisk', 'installOs', 'startInstance', 'nodeInfo'),
        async (about, turns, method) => {
          const all = await crowded(about, processCount);
          all.world.nodes.faults.add({ method, times: 2 });
          const runs = Array.from({ length: about.creations }, async (_, n) => {
            const giveUp = new AbortController();
            const after = turns[n];
            if (after !== undefined) void settle(after).then(() => giveUp.abort());
            return start(all, about, n, giveUp.signal);
          });
          for (const result of await Promise.allSettled(runs)) {
            if (result.status === 'rejected') expect(LuError.is(result.reason)).toBe(true);
          }
          expect([all.crowd.overcommitted, all.broken]).toEqual([[], []]);
          await expectNothingClaimed(all);
        },
      ),
      { numRuns: 40, seed: Number(process.env['SEED']) },
    );
  },
);

test('given room for all, when many are created at once, then nobody leaves the rung of claims and nobody waits for a node', async () => {
  const about = { nodes: 8, perNode: 1, creations: 8, slowness: 3, seed: 1, rungs: [undefined] };
  const all = await crowded(about, 1);
  const nodes = await Promise.all(
    Array.from({ length: about.creations }, (_, n) => start(all, about, n)),
  );
  expect(new Set(nodes.flat()).size).toBe(8);
  const types = all.events.map(({ type }) => type);
  expect(types).not.toContain('retry');
  expect(types).not.toContain('lockWait');
});

test('given a process that loses its locks, then another one sees its claims until it has recovered', async () => {
  const about = { nodes: 1, perNode: 1, creations: 1, slowness: 0, seed: 1, rungs: [undefined] };
  const all = await crowded(about, 2);
  const [one, other] = all.processes;
  if (one === undefined || other === undefined) throw new Error('There are two processes');
  all.world.nodes.faults.add({ method: 'createDisk', kind: 'hang' });
  const run = start(all, about, 0);
  const ended = expect(run).rejects.toMatchObject({ name: 'LockLost' });
  await settle(200);
  expect(all.world.calls.filter((line) => line.includes('createDisk'))).toHaveLength(1);
  one.locks.lose();
  await ended;
  const claimed = (): number => other.cluster.config.reservations('x').capacityOfOthers().size;
  await settle();
  expect(claimed()).toBe(1);
  await all.world.service.handOver(one.locks, other.locks);
  await settle();
  expect(claimed()).toBe(0);
  expect((await all.world.store.range('config/claimed/')).entries).toEqual([]);
});
