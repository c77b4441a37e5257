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
import { computeDisks } from './args/disks.js';
import { readArgs } from './args/read-args.js';
import { nextRung } from './args/placement.js';
import { checkEarly } from './early.js';
import { install } from './exec/install.js';
import { prepare } from './exec/prepare.js';
import { provision } from './exec/provision.js';
import { register } from './exec/register.js';
import { nodeNames, start } from './exec/start.js';
import { createHooks } from './hooks.js';
import { claimedLocks, createLocks, mirrorNodeLocks } from './locks.js';
import { lookUpNames } from './names.js';
import { type CreateOp, createOpSchema } from './op.js';
import { claimPlace } from './prereq/claim-place.js';
import { allocationNeeds } from './prereq/allocation-needs.js';
import { drawMacs, joinNetworks, pingCheck } from './prereq/nics.js';
import { checkPrimary, checkSecondaries } from './prereq/nodes.js';
import { planParams } from './prereq/params.js';
import { choosePlacement } from './prereq/placement.js';
import { assemblePlan } from './prereq/plan.js';
import { checkPolicy } from './prereq/policy.js';
import { checkPresence } from './prereq/presence.js';
import { checkReadiness } from './prereq/readiness.js';
import { planStorage, storageDirsOf } from './prereq/storage.js';
import { measured, readWanted, wantedCards } from './prereq/wanted.js';
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

  async checkArguments(op: CreateOp, ctx: ArgsContext): Promise<CreateArgs> {
    const args = await readArgs(parseOp(createOpSchema, op), ctx);
    checkEarly(args, ctx);
    return args;
  }

  expandNames(args: CreateArgs, ctx: NamesContext): Expanded<CreateNames> {
    const names = lookUpNames(args, ctx);
    const { placement } = names;
    if (placement.by === 'allocator') ctx.report.rung(placement.rung);
    return { names, locks: createLocks(names, ctx.config) };
  }

  /**
   * The nodes' resources follow the node locks that were won in fact. On the rung of claims a place
   * is claimed before anything but the name is locked, and locks follow the claims.
   */
  override async declareLocks(
    level: PlannedLevel,
    names: CreateNames,
    ctx: LocksContext,
  ): Promise<LockWant> {
    if (level !== 'nodegroup' && level !== 'node') return mirrorNodeLocks(names, ctx);
    if (level === 'nodegroup') await claimPlace(names, ctx);
    return claimedLocks(level, ctx);
  }

  async checkPrereq(names: CreateNames, ctx: PrereqContext): Promise<CreatePlan> {
    const { config } = ctx;
    const reserved = checkPresence(names, ctx);
    const storageDirs = storageDirsOf(names, config.cluster);
    const wanted = await readWanted(names, ctx);
    const params = planParams(wanted, ctx);
    const cards = wantedCards(wanted, ctx);
    const asked = computeDisks(wanted.disks, wanted.storage.template, config.cluster);
    if (wanted.checks.ip) await pingCheck(wanted.host, ctx);
    const drawn = drawMacs(cards, ctx);
    const needs = allocationNeeds(wanted, params, drawn, asked, config);
    const nodes = await choosePlacement(wanted, needs, ctx);
    checkPrimary(nodes, ctx);
    const nics = joinNetworks(drawn, nodes.primary.id, wanted.checks.conflicts, ctx);
    checkSecondaries(nodes, ctx);
    const storage = await planStorage({ wanted, disks: asked, nodes }, ctx);
    const { disks } = storage;
    const decided = { wanted, reserved, params, nics, nodes, storageDirs, ...storage };
    if (wanted.checks.policy) checkPolicy(measured(decided), nodes.primary.id, config);
    const osTrusted = await checkReadiness(
      { wanted, params, nics: nics.filled, nodes, disks },
      ctx,
    );
    return assemblePlan({ ...decided, osTrusted }, ctx);
  }

  async exec(plan: CreatePlan, ctx: ExecContext): Promise<CreateResult> {
    const provisioned = await provision(plan, ctx);
    throwIfCancelled(ctx.signal, 'the instance was registered');
    const registered = await register(provisioned, plan, ctx);
    if (plan.provision === 'reserve') return nodeNames(plan);
    await ctx.capacity.settle('disks');
    const { imported } = plan;
    ctx.locks.keepOnly('node', imported === undefined ? [] : [imported.node]);
    const prepared = await prepare(registered, plan, ctx);
    ctx.locks.keepOnly('node-res', []);
    // Healthy disks: from here on a failure may leave the instance to the operator, as in Ganeti.
    await ctx.undo.commitPoint();
    throwIfCancelled(ctx.signal, 'the operating system was installed');
    const nodes = await start(await install(prepared, plan, ctx), plan, ctx);
    await ctx.capacity.settle('all');
    return nodes;
  }

  /** There was no place on this rung: try again on the next one, the last of which takes all. */
  override prepareRetry(op: CreateOp, _shortage: TemporaryShortage): CreateOp | undefined {
    const rung = nextRung(op);
    return rung && { ...op, opportunisticLocking: false, placementRung: rung };
  }
}
