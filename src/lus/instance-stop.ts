/**
 * Stops an instance: one of the three small operations that show what subclassing costs.
 */
import { z } from 'zod';
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
import { instanceHooks } from './instance-hooks.js';
import {
  DEFAULT_GRACE_MS,
  type InstanceOp,
  instanceOpFields,
  type InstancePhases,
  milliseconds,
} from './instance-op.js';

/**
 * The request to stop an instance.
 * @public
 */
export interface StopOp extends InstanceOp {
  /** Time for the guest to shut down by itself, milliseconds; two minutes if not given. */
  readonly graceMs?: number;
}

/**
 * What stopping an instance takes.
 * @public
 */
export interface StopPlan {
  /** The instance, as it is. */
  readonly runtime: RuntimeInstance;
  /** Time for the guest to shut down by itself, milliseconds. */
  readonly graceMs: number;
  /** Whether the node is to be called: it is online. */
  readonly call: boolean;
}

/**
 * The phases.
 * @public
 */
export type StopPhases = InstancePhases<StopOp, StopPlan>;

const schema: z.ZodType<StopOp> = z.lazy(() =>
  z.strictObject({ ...instanceOpFields(), graceMs: milliseconds() }),
);

/**
 * Stops an instance (Ganeti's `OP_INSTANCE_SHUTDOWN`). One that is stopped already is fine. Throws
 * `PrereqError`: `unknown_entity`, `wrong_state` for an offline node.
 * @public
 */
export class LUInstanceStop extends LogicalUnit<StopPhases> {
  readonly name = 'OP_INSTANCE_SHUTDOWN';
  override readonly hooks = instanceHooks<StopPlan>({
    path: 'instance-stop',
    env: ({ graceMs }) => ({ TIMEOUT: Math.ceil(graceMs / 1000) }),
  });

  checkArguments(op: StopOp): StopOp {
    return parseOp(schema, op);
  }

  expandNames(op: StopOp, { config }: NamesContext): Expanded<StopPhases['names']> {
    const target = expandInstance(config, op.instanceName);
    return { names: { op, target }, locks: lockInstance(target) };
  }

  override declareLocks(
    _: PlannedLevel,
    { target }: StopPhases['names'],
    ctx: LocksContext,
  ): LockWant {
    return instanceNodesWant(ctx.config, target, 'shared');
  }

  checkPrereq({ op, target }: StopPhases['names'], { config }: PrereqContext): StopPlan {
    const instance = lockedInstance(config, target);
    const call = checkPrimaryOnline(config, instance, op.ignoreOfflineNodes);
    return { runtime: runtimeOf(config, instance), graceMs: op.graceMs ?? DEFAULT_GRACE_MS, call };
  }

  async exec({ runtime, graceMs, call }: StopPlan, ctx: ExecContext): Promise<undefined> {
    const { id, name } = runtime.instance;
    if (call) await stopGuest(runtime, graceMs, ctx);
    await ctx.config.commit(`instance ${name} is down`, (draft) =>
      draft.update('instance', id, (instance) => {
        instance.adminState = 'down';
        instance.disksActive = false;
      }),
    );
  }
}
