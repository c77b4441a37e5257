/**
 * Starts the instance, if that is wanted.
 *
 * U1 The configuration says that it is up when it is, not before, unless Ganeti's order is wanted.
 */
import { runtimeOf, throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import { unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { CreatePlan, CreateResult, Installed } from '../types.js';
import { undoStart } from '../undo-entries.js';
import { markUp, undoMark } from '../undo-use.js';

/** The last step; gives the names of the nodes. */
export async function start(
  { runtime }: Installed,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<CreateResult> {
  const { primary } = plan.nodes;
  const { name } = runtime.instance;
  if (plan.steps.start) {
    throwIfCancelled(ctx.signal, `${name} was started`);
    const before = ctx.compatibility.markedUp === 'starting';
    const known = before ? await markedUp(runtime, ctx) : runtime;
    ctx.report.step(`Starting ${name} on ${primary.name}`);
    // Where it is up before it runs, what may run of it is not taken back either.
    if (!before) await ctx.undo.defer(undoStart(primary, known));
    const reply = await ctx.rpc.startInstance(primary.id, { runtime: known, paused: false });
    unwrap.exec(reply, `Cannot start ${name} on ${primary.name}`);
    if (!before) await markUp(known.instance, ctx, undoMark(known.instance));
  }
  return nodeNames(plan);
}

/** Names of the instance's nodes, primary first. */
export function nodeNames({ nodes }: CreatePlan): CreateResult {
  return [nodes.primary, ...nodes.secondaries].map((node) => node.name);
}

/** Marks it up, and answers with what nodes are told of it then. */
async function markedUp(
  { instance, osParams }: RuntimeInstance,
  ctx: ExecContext,
): Promise<RuntimeInstance> {
  await markUp(instance, ctx, undefined);
  return runtimeOf(ctx.config, ctx.config.instance(instance.id), osParams.secret);
}
