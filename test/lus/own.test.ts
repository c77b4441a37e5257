/**
 * An operation on an instance that somebody else writes, from what the package exports and nothing
 * more.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  DEFAULT_GRACE_MS,
  type ExecContext,
  type Expanded,
  expandInstance,
  instanceHooks,
  type InstanceOp,
  instanceOpFields,
  type InstancePhases,
  instanceNodesWant,
  type LocksContext,
  type LockWant,
  lockedInstance,
  lockInstance,
  LogicalUnit,
  milliseconds,
  type NamesContext,
  parseOp,
  type PlannedLevel,
  type PrereqContext,
  type RuntimeInstance,
  runtimeOf,
  stopGuest,
} from '../../src/index.js';
import { TestCluster } from '../../src/testing/test-cluster.js';

interface BounceOp extends InstanceOp {
  readonly graceMs?: number;
}

interface BouncePlan {
  readonly runtime: RuntimeInstance;
  readonly graceMs: number;
}

type BouncePhases = InstancePhases<BounceOp, BouncePlan>;

class LUInstanceBounce extends LogicalUnit<BouncePhases> {
  readonly name = 'OP_INSTANCE_BOUNCE';
  override readonly hooks = instanceHooks<BouncePlan>({
    path: 'instance-bounce',
    env: ({ graceMs }) => ({ GRACE: graceMs }),
  });

  checkArguments(op: BounceOp): BounceOp {
    return parseOp(z.strictObject({ ...instanceOpFields(), graceMs: milliseconds() }), op);
  }

  expandNames(op: BounceOp, { config }: NamesContext): Expanded<BouncePhases['names']> {
    const target = expandInstance(config, op.instanceName);
    return { names: { op, target }, locks: lockInstance(target) };
  }

  override declareLocks(
    _: PlannedLevel,
    { target }: BouncePhases['names'],
    { config }: LocksContext,
  ): LockWant {
    return instanceNodesWant(config, target, 'shared');
  }

  checkPrereq({ op, target }: BouncePhases['names'], { config }: PrereqContext): BouncePlan {
    const runtime = runtimeOf(config, lockedInstance(config, target));
    return { runtime, graceMs: op.graceMs ?? DEFAULT_GRACE_MS };
  }

  async exec({ runtime, graceMs }: BouncePlan, ctx: ExecContext): Promise<undefined> {
    await stopGuest(runtime, graceMs, ctx);
    await ctx.rpc.startInstance(runtime.instance.primaryNode, { runtime, paused: false });
  }
}

test('given an operation of our own, when it is run, then it is as good as those of the package', async () => {
  const seen: Readonly<Record<string, string>>[] = [];
  const cluster = await TestCluster.open({
    instances: [{ name: 'web1.example.com' }],
    hook: ({ env }) => {
      seen.push(env);
      return [];
    },
  });
  await cluster.run(new LUInstanceBounce(), { instanceName: 'web1' });
  expect(cluster.transcript.join('\n')).toMatchInlineSnapshot(`
    "lock cluster/BGL
    lock instance/web1.example.com
    lock node/node-node1
    rpc hooks node1 instance-bounce pre
    step Stopping web1.example.com on node1
    rpc stopInstance node1 web1.example.com
    rpc startInstance node1 web1.example.com
    rpc hooks node1 instance-bounce post"
  `);
  expect(seen[0]).toMatchObject({
    GANETI_GRACE: '120000',
    GANETI_INSTANCE_NAME: 'web1.example.com',
  });
  const odd = cluster.run(new LUInstanceBounce(), { instanceName: 'web1', graceMs: -1 });
  await expect(odd).rejects.toThrow('graceMs: must not be negative');
});
