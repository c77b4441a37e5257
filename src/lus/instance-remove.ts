/**
 * Removes an instance with all it has on its nodes.
 */
import { z } from 'zod';
import { clearRemains } from '../instance-create/undo-actions.js';
import type { PlannedLevel } from '../locks/level.js';
import type { LockWant } from '../locks/plan.js';
import type { ExecContext, Expanded, LocksContext, NamesContext } from '../lu-base.js';
import { LogicalUnit, parseOp, type PrereqContext } from '../lu-base.js';
import {
  checkPrimaryOnline,
  expandInstance,
  instanceNodesWant,
  lockedInstance,
  lockInstance,
  runtimeOf,
  stopGuest,
} from '../lu-helpers.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { removeFromConfig } from './remove-from-config.js';
import { instanceHooks, onAllNodes } from './instance-hooks.js';
import {
  DEFAULT_GRACE_MS,
  type InstanceOp,
  instanceOpFields,
  type InstancePhases,
  milliseconds,
} from './instance-op.js';

/**
 * The request to remove an instance.
 * @public
 */
export interface RemoveOp extends InstanceOp {
  /** Time for the guest to shut down by itself, milliseconds; two minutes if not given. */
  readonly graceMs?: number;
}

/**
 * What removing an instance takes.
 * @public
 */
export interface RemovePlan {
  /** The instance, as it is. */
  readonly runtime: RuntimeInstance;
  /** Time for the guest to shut down by itself, milliseconds. */
  readonly graceMs: number;
  /** Whether the guest is to be stopped: its node is online. */
  readonly stop: boolean;
}

/**
 * The phases.
 * @public
 */
export type RemovePhases = InstancePhases<RemoveOp, RemovePlan>;

const schema: z.ZodType<RemoveOp> = z.lazy(() =>
  z.strictObject({ ...instanceOpFields(), graceMs: milliseconds() }),
);

/**
 * Removes an instance (Ganeti's `OP_INSTANCE_REMOVE`), stopping it first. Throws `PrereqError`:
 * `unknown_entity`, `wrong_state` for an offline node; `ExecError` with `leaked` if the instance
 * is gone but something on its nodes is not.
 * @public
 */
export class LUInstanceRemove extends LogicalUnit<RemovePhases> {
  readonly name = 'OP_INSTANCE_REMOVE';
  override readonly hooks = instanceHooks<RemovePlan>({
    path: 'instance-remove',
    env: ({ graceMs }) => ({ SHUTDOWN_TIMEOUT: Math.ceil(graceMs / 1000) }),
    nodes: (instance, config) => ({
      ...onAllNodes(instance, config),
      pre: [config.cluster.masterNode],
    }),
  });

  checkArguments(op: RemoveOp): RemoveOp {
    return parseOp(schema, op);
  }

  expandNames(op: RemoveOp, { config }: NamesContext): Expanded<RemovePhases['names']> {
    const target = expandInstance(config, op.instanceName);
    return { names: { op, target }, locks: { ...lockInstance(target), 'node-res': 'deferred' } };
  }

  override declareLocks(
    _: PlannedLevel,
    { target }: RemovePhases['names'],
    ctx: LocksContext,
  ): LockWant {
    return instanceNodesWant(ctx.config, target, 'exclusive');
  }

  checkPrereq({ op, target }: RemovePhases['names'], { config }: PrereqContext): RemovePlan {
    const instance = lockedInstance(config, target);
    const stop = checkPrimaryOnline(config, instance, op.ignoreOfflineNodes);
    return { runtime: runtimeOf(config, instance), graceMs: op.graceMs ?? DEFAULT_GRACE_MS, stop };
  }

  async exec({ runtime, graceMs, stop }: RemovePlan, ctx: ExecContext): Promise<undefined> {
    const { instance } = runtime;
    if (stop) await stopGuest(runtime, graceMs, ctx);
    ctx.report.step(`Removing ${instance.name}`);
    const remains = await removeFromConfig(runtime, { guestStopped: stop }, ctx);
    await clearRemains(remains, ctx);
  }
}
