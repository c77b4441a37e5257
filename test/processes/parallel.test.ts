/**
 * Creating many instances at once is limited by the nodes, not by the locks: forty creations on
 * twenty nodes, in simulated time, so that the figures are the same on every machine.
 *
 * The ideal is an operator who knows it all: names the nodes, two creations for each, so that
 * nothing is chosen and nobody waits but for those who work on the same node.
 */
import { expect, test } from 'vitest';
import type { PlacementRung } from '../../src/ports/reporter.js';
import type { AnyReport } from '../../src/reports.js';
import { placedRequest, request } from '../instance-create/support.js';
import { type TimedOptions, TimedWorld } from './timed-world.js';

const CREATIONS = 40;
const NODES = 20;

type Times = Pick<TimedOptions, 'processes' | 'questionMs' | 'commandMs' | 'storeMs'>;

interface Measured {
  readonly tookMs: number;
  readonly rungs: readonly string[];
  readonly retries: number;
  /** How many instances each node has got. */
  readonly perNode: readonly number[];
}

/** `rung`: where to begin; `named`: the operator names the nodes. */
async function measure(times: Times, rung: PlacementRung | 'named'): Promise<Measured> {
  const world = await TimedWorld.open({ nodes: NODES, ...times });
  const events: AnyReport[] = [];
  const onReport = (event: AnyReport): void => void events.push(event);
  const startedMs = world.clock.monotonic();
  const runs = Array.from({ length: CREATIONS }, (_, n) => {
    const instanceName = `web${n}.example.com`;
    const op =
      rung === 'named'
        ? request({ instanceName, pnode: `node${(n % NODES) + 1}` })
        : placedRequest({ instanceName, ...(rung === 'claims' ? {} : { placementRung: rung }) });
    return world.create(n, op, { onReport });
  });
  const results = await world.drive(Promise.all(runs));
  const counts = new Map<string, number>();
  for (const name of results.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    tookMs: world.clock.monotonic() - startedMs,
    rungs: events.flatMap((event) => (event.type === 'rung' ? [event.rung] : [])),
    retries: events.filter(({ type }) => type === 'retry').length,
    perNode: [...counts.values()],
  };
}

test.each<Times>([
  { processes: 1, questionMs: 10, commandMs: 100, storeMs: 0 },
  { processes: 1, questionMs: 20, commandMs: 20, storeMs: 2 },
  { processes: 2, questionMs: 20, commandMs: 20, storeMs: 2 },
  { processes: 2, questionMs: 10, commandMs: 100, storeMs: 2 },
])(
  'given %o, when forty are created at once, then it takes hardly longer than if all nodes had been named',
  async (times) => {
    const ideal = await measure(times, 'named');
    const ladder = await measure(times, 'claims');
    const locked = await measure(times, 'full');

    expect(ideal.tookMs / ladder.tookMs).toBeGreaterThanOrEqual(0.8);
    expect(locked.tookMs / ladder.tookMs).toBeGreaterThan(8);
    expect(ladder.rungs).toEqual(Array(CREATIONS).fill('claims'));
    expect(ladder.retries).toBe(0);
    expect(ladder.perNode).toEqual(Array(NODES).fill(CREATIONS / NODES));
  },
);
