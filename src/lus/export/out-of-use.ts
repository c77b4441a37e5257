/**
 * Takes an instance out of use for its export, and brings it back: the guest is stopped and started
 * again, disks of a stopped guest are made usable and given back. Both are in the journal, so that
 * an export which fails leaves a guest that runs.
 */
import { assembleDisks } from '../../instance-create/exec/helper-disks.js';
import { giveBackDisks, undoAssembly, undoStop } from '../../instance-create/undo-use.js';
import type { ExecContext } from '../../lu-base.js';
import { runtimeOf, stopGuest } from '../../lu-helpers.js';
import { unwrap } from '../../ports/reply.js';
import type { ExportPlan } from './types.js';

/** Ends a state that an export has brought about. */
export type Back = () => Promise<void>;

const NOTHING: Back = () => Promise.resolve();

/** Stops the guest, if that is planned; the answer starts it again, if that is planned. */
export async function stopForExport(plan: ExportPlan, ctx: ExecContext): Promise<Back> {
  const { runtime, stop, restart, graceMs } = plan;
  if (!stop) return NOTHING;
  const { instance } = runtime;
  const undo = instance.adminState === 'up' ? await ctx.undo.defer(undoStop(instance)) : undefined;
  await stopGuest(runtime, graceMs, ctx);
  if (!restart) return NOTHING;
  return async () => {
    const { id, name } = ctx.config.node(instance.primaryNode);
    ctx.report.step(`Starting ${instance.name} again on ${name}`);
    const reply = await ctx.rpc.startInstance(id, { runtime, paused: false });
    unwrap.exec(reply, `Cannot start ${instance.name} again on ${name}`);
    await undo?.discard();
  };
}

/** Makes disks usable, if that is planned; the answer gives them back. */
export async function useDisks({ runtime, assemble }: ExportPlan, ctx: ExecContext): Promise<Back> {
  if (!assemble) return NOTHING;
  const undo = await ctx.undo.defer(undoAssembly(runtime.instance));
  ctx.report.step(`Making the disks of ${runtime.instance.name} usable`);
  await assembleDisks(runtime, runtime, ctx);
  return async () => {
    const { id } = runtime.instance;
    await giveBackDisks(runtimeOf(ctx.config, ctx.config.instance(id)), ctx);
    await undo.discard();
  };
}
