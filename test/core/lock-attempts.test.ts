/**
 * Attempts that give up waiting, give everything back, and start again.
 */
import { expect, test } from 'vitest';
import { available, exclusive, type LockPlan } from '../../src/locks/plan.js';
import { type ExecContext, LogicalUnit, type PrereqContext } from '../../src/lu-base.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster } from '../../src/testing/test-cluster.js';

interface GrabPhases {
  op: { readonly plan: LockPlan };
  args: { readonly plan: LockPlan };
  names: undefined;
  plan: readonly string[];
  result: readonly string[];
}

/** Says which nodes it has locked; holds them until it is told to let go. */
class LUGrab extends LogicalUnit<GrabPhases> {
  readonly name = 'OP_GRAB';
  readonly done: Promise<void>;
  letGo: () => void = () => undefined;
  constructor(holds: boolean) {
    super();
    this.done = holds ? new Promise((resolve) => (this.letGo = resolve)) : Promise.resolve();
  }
  checkArguments(op: GrabPhases['op']): GrabPhases['args'] {
    return op;
  }
  expandNames({ plan }: GrabPhases['args']): { names: undefined; locks: LockPlan } {
    return { names: undefined, locks: plan };
  }
  checkPrereq(_: undefined, { locks }: PrereqContext): readonly string[] {
    return [...locks.at('node')].sort();
  }
  async exec(plan: readonly string[], _: ExecContext): Promise<readonly string[]> {
    await this.done;
    return plan;
  }
}

const [NODE1, NODE2] = [nodeIdOf('node1'), nodeIdOf('node2')];

async function clusterWithHolder(): Promise<{
  cluster: TestCluster;
  letGo: () => Promise<unknown>;
}> {
  const cluster = await TestCluster.open({ nodes: [{ name: 'node1' }, { name: 'node2' }] });
  const holder = new LUGrab(true);
  const running = cluster.run(holder, { plan: { node: exclusive(NODE1) } });
  await granted(cluster, `node/${NODE1}`);
  return {
    cluster,
    letGo: () => {
      holder.letGo();
      return running;
    },
  };
}

async function granted(cluster: TestCluster, lock: string): Promise<void> {
  const isGranted = (): boolean =>
    cluster.events.some((event) => event.type === 'lockGranted' && event.locks.includes(lock));
  while (!isGranted()) await Promise.resolve();
}

async function retries(cluster: TestCluster, count: number): Promise<void> {
  while (cluster.events.filter(({ type }) => type === 'retry').length < count) {
    await Promise.resolve();
  }
}

test('given limits of attempts, when time is up, then the next attempt starts, at last without limit', async () => {
  const { cluster, letGo } = await clusterWithHolder();
  const plan = { node: exclusive(NODE1) };
  const waiting = cluster.run(new LUGrab(false), { plan }, { lockAttemptsMs: [100, 200] });
  while (cluster.clock.timers === 0) await Promise.resolve();
  await cluster.clock.advance(100);
  await retries(cluster, 1);
  while (cluster.clock.timers === 0) await Promise.resolve();
  await cluster.clock.advance(199);
  expect(cluster.events.filter(({ type }) => type === 'retry')).toHaveLength(1);
  await cluster.clock.advance(1);
  await retries(cluster, 2);
  await cluster.clock.advance(1_000_000);
  await letGo();
  expect(await waiting).toEqual([NODE1]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given an opportunistic request, when it is its last attempt, then it waits for all', async () => {
  const { cluster, letGo } = await clusterWithHolder();
  const plan = { node: available('exclusive', 1) };
  const waiting = cluster.run(new LUGrab(false), { plan }, { lockAttemptsMs: [] });
  while (!cluster.events.some(({ type }) => type === 'lockWait')) await Promise.resolve();
  await letGo();
  expect(await waiting).toEqual([NODE1, NODE2].sort());
});

test('given an opportunistic request, when it may try only once, then it takes what is free', async () => {
  const { cluster, letGo } = await clusterWithHolder();
  const plan = { node: available('exclusive', 1) };
  expect(await cluster.run(new LUGrab(false), { plan })).toEqual([NODE2]);
  await letGo();
});
