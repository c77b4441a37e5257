/**
 * Starts an instance: one of the three small operations that show what subclassing costs.
 */
import { z } from 'zod';
import { refuse } from '../errors.js';
import { undoStart } from '../instance-create/undo-entries.js';
import { markUp, undoMark } from '../instance-create/undo-use.js';
import type { PlannedLevel } from '../locks/level.js';
import type { LockWant } from '../locks/plan.js';
import type { ExecContext, Expanded, LocksContext, NamesContext } from '../lu-base.js';
import { LogicalUnit, parseOp, type PrereqContext } from '../lu-base.js';
import {
  checkFreeMemory,
  checkPrimaryOnline,
  expandInstance,
  instanceNodesWant,
  isRunning,
  lockedInstance,
  lockInstance,
  primaryNodeWant,
  runtimeOf,
} from '../lu-helpers.js';
import { unwrap } from '../ports/reply.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { instanceHooks } from './instance-hooks.js';
import { type InstanceOp, instanceOpFields, type InstancePhases } from './instance-op.js';

/**
 * The request to start an instance.
 * @public
 */
export interface StartOp extends InstanceOp {
  /** Told to hooks, and nothing else; false if not given. */
  readonly force?: boolean;
  /** Start the guest with its processors stopped; false if not given. */
  readonly startupPaused?: boolean;
}

/**
 * What starting an instance takes.
 * @public
 */
export interface StartPlan {
  /** The request. */
  readonly op: StartOp;
  /** The instance, as it is. */
  readonly runtime: RuntimeInstance;
  /** Whether the node is to be called: it is online, and the guest does not run yet. */
  readonly call: boolean;
}

/**
 * The phases.
 * @public
 */
export type StartPhases = InstancePhases<StartOp, StartPlan>;

const schema: z.ZodType<StartOp> = z.lazy(() =>
  z.strictObject({
    ...instanceOpFields(),
    force: z.boolean().exactOptional(),
    startupPaused: z.boolean().exactOptional(),
  }),
);

/**
 * Starts an instance (Ganeti's `OP_INSTANCE_STARTUP`). One that runs already is fine. Throws
 * `PrereqError`: `unknown_entity`, `insufficient_resources` for too little memory, `wrong_state`
 * for an offline node or an instance that is marked offline.
 * @public
 */
export class LUInstanceStart extends LogicalUnit<StartPhases> {
  readonly name = 'OP_INSTANCE_STARTUP';
  override readonly hooks = instanceHooks<StartPlan>({
    path: 'instance-start',
    env: ({ op }) => ({ FORCE: op.force ?? false }),
  });

  checkArguments(op: StartOp): StartOp {
    return parseOp(schema, op);
  }

  expandNames(op: StartOp, { config }: NamesContext): Expanded<StartPhases['names']> {
    const target = expandInstance(config, op.instanceName);
    return { names: { op, target }, locks: { ...lockInstance(target), 'node-res': 'deferred' } };
  }

  /** Memory that one start was told to be free must not be promised to another one. */
  override declareLocks(
    level: PlannedLevel,
    { target }: StartPhases['names'],
    { config }: LocksContext,
  ): LockWant {
    if (level === 'node-res') return primaryNodeWant(config, target, 'exclusive');
    return instanceNodesWant(config, target, 'shared');
  }

  async checkPrereq({ op, target }: StartPhases['names'], ctx: PrereqContext): Promise<StartPlan> {
    const instance = lockedInstance(ctx.config, target);
    if (instance.adminState === 'offline') {
      refuse.state(`Instance '${instance.name}' is marked offline; mark it down first`);
    }
    const runtime = runtimeOf(ctx.config, instance);
    const reachable = checkPrimaryOnline(ctx.config, instance, op.ignoreOfflineNodes);
    const call = reachable && !(await isRunning(runtime, ctx.rpc));
    if (call) {
      const { name, hypervisor, primaryNode } = instance;
      const need = { name, hypervisor, memoryMib: runtime.beParams.maxMemMib };
      await checkFreeMemory(need, primaryNode, ctx);
    }
    return { op, runtime, call };
  }

  async exec({ op, runtime, call }: StartPlan, ctx: ExecContext): Promise<undefined> {
    const { name, primaryNode, adminState, disksActive } = runtime.instance;
    if (call) {
      const node = ctx.config.node(primaryNode);
      ctx.report.step(`Starting ${name} on ${node.name}`);
      await ctx.undo.defer(undoStart(node, runtime));
      const paused = op.startupPaused ?? false;
      const reply = await ctx.rpc.startInstance(node.id, { runtime, paused });
      unwrap.exec(reply, `Cannot start ${name} on ${node.name}`);
    }
    const wasUp = adminState === 'up' && disksActive;
    await markUp(runtime.instance, ctx, wasUp ? undefined : undoMark(runtime.instance));
  }
}
