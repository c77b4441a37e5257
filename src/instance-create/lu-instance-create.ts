/**
 * Creates an instance: the corridor through the rooms. Read this first; each room takes values and
 * returns a richer one, and only here do rooms meet.
 *
 * args/ ─► names ─► [locks] ─► prereq/ ─► CreatePlan ─► [pre hooks] ─► exec/ ─► node names
 */
import { z } from 'zod';
import type { TemporaryShortage } from '../errors.js';
import type { LockWant } from '../locks/plan.js';
import {
  type ArgsContext,
  type ExecContext,
  type Expanded,
  type LocksContext,
  LogicalUnit,
  type NamesContext,
  parseOp,
  type PrereqContext,
} from '../lu-base.js';
import { throwIfCancelled } from '../lu-helpers.js';
import type { PlannedLevel } from '../locks/level.js';
import type { InstanceId } from '../model/ids.js';
import { readArgs } from './args/read-args.js';
import { prepare } from './exec/prepare.js';
import { provision } from './exec/provision.js';
import { register } from './exec/register.js';
import { start } from './exec/start.js';
import { createHooks } from './hooks.js';
import { createLocks, mirrorNodeLocks } from './locks.js';
import { lookUpNames } from './names.js';
import { type CreateOp, createOpSchema } from './op.js';
import { planNics } from './prereq/nics.js';
import { checkConflicts, checkNodes } from './prereq/nodes.js';
import { planParams } from './prereq/params.js';
import { choosePlacement } from './prereq/placement.js';
import { assemblePlan, installs } from './prereq/plan.js';
import { checkPolicy } from './prereq/policy.js';
import { claimName } from './prereq/presence.js';
import { checkReadiness } from './prereq/readiness.js';
import { planStorage } from './prereq/storage.js';
import { sourceOf } from './source/source.js';
import type { CreateArgs, CreateNames, CreatePlan, CreateResult } from './types.js';

/**
 * The phases of a creation.
 * @public
 */
export interface CreatePhases {
  /** The request. */
  op: CreateOp;
  /** The request, understood. */
  args: CreateArgs;
  /** The request with its names looked up. */
  names: CreateNames;
  /** What will be done. */
  plan: CreatePlan;
  /** Names of the instance's nodes, primary first. */
  result: CreateResult;
}

const resultSchema: z.ZodType<CreateResult> = z.lazy(() => z.array(z.string().min(1)));

/**
 * Creates an instance (Ganeti's `OP_INSTANCE_CREATE`).
 * @public
 */
export class LUInstanceCreate extends LogicalUnit<CreatePhases> {
  readonly name = 'OP_INSTANCE_CREATE';
  override readonly hooks = createHooks;
  /** Names of nodes. */
  override readonly resultSchema: z.ZodType<CreateResult> = resultSchema;

  checkArguments(op: CreateOp, ctx: ArgsContext): CreateArgs {
    return readArgs(parseOp(createOpSchema, op), ctx);
  }

  async expandNames(args: CreateArgs, ctx: NamesContext): Promise<Expanded<CreateNames>> {
    const names = await lookUpNames(args, ctx);
    return { names, locks: createLocks(names, ctx.config) };
  }

  /** Only the nodes' resources are deferred: they follow the node locks that were won in fact. */
  override declareLocks(_level: PlannedLevel, names: CreateNames, ctx: LocksContext): LockWant {
    return mirrorNodeLocks(names, ctx);
  }

  async checkPrereq(names: CreateNames, ctx: PrereqContext): Promise<CreatePlan> {
    claimName(names, ctx);
    const params = planParams(names, ctx);
    const nics = await planNics(names, ctx);
    const nodes = await choosePlacement(names, params, nics, ctx);
    checkNodes(nodes, ctx.config);
    checkConflicts(names, nics, nodes, ctx.config);
    const instanceId = ctx.reserve.drawId() as InstanceId;
    const storage = await planStorage(names, instanceId, nodes, ctx);
    checkPolicy(names, params, nodes, ctx.config);
    await checkReadiness({ names, params, nics, nodes, installs: installs(names, storage) }, ctx);
    return assemblePlan(names, { instanceId, params, nics, nodes, storage }, ctx);
  }

  async exec(plan: CreatePlan, ctx: ExecContext): Promise<CreateResult> {
    const provisioned = await provision(plan, ctx);
    throwIfCancelled(ctx.signal, 'the instance was registered');
    const registered = await register(provisioned, plan, ctx);
    const prepared = await prepare(registered, plan, ctx);
    // Healthy disks: from here on a failure may leave the instance to the operator, as in Ganeti.
    await ctx.undo.commitPoint();
    throwIfCancelled(ctx.signal, 'the operating system was installed');
    const installed = await sourceOf(plan.mode).install(prepared, plan, ctx);
    return start(installed, plan, ctx);
  }

  /** Free nodes did not suffice: try again with all of them, waiting for their locks. */
  override prepareRetry(op: CreateOp, _shortage: TemporaryShortage): CreateOp | undefined {
    return op.opportunisticLocking === true ? { ...op, opportunisticLocking: false } : undefined;
  }
}
