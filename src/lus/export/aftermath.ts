/**
 * What follows once an export is whole: the instance goes, if that was asked for, and so do older
 * exports of it on other nodes.
 */
import { LuError } from '../../errors.js';
import { clearRemains } from '../../instance-create/undo-actions.js';
import type { ExecContext } from '../../lu-base.js';
import { removeFromConfig } from '../remove-from-config.js';
import type { ExportPlan } from './types.js';

/** Removes the instance. What stays of it on nodes is an error, or a warning if that is wanted. */
export async function removeExported({ runtime, op }: ExportPlan, ctx: ExecContext): Promise<void> {
  if (op.removeInstance !== true) return;
  ctx.report.step(`Removing ${runtime.instance.name}`);
  const remains = await removeFromConfig(runtime, { guestStopped: true }, ctx);
  try {
    await clearRemains(remains, ctx);
  } catch (error) {
    if (op.ignoreRemoveFailures !== true || !LuError.is(error) || ctx.signal.aborted) throw error;
    ctx.report.warn(`${error.message}; remove it by hand`);
  }
}

/** Removes older exports of the instance. The new one is there, so a failure is a warning. */
export async function removeOlder(
  { runtime, olderOn }: ExportPlan,
  { rpc, config, report }: ExecContext,
): Promise<void> {
  const { name } = runtime.instance;
  for (const id of olderOn) {
    const node = config.node(id);
    report.step(`Removing an older export of ${name} on ${node.name}`);
    const reply = await rpc.removeExport(id, { name });
    if (reply.ok) continue;
    report.warn(`An older export of ${name} stays on ${node.name}: ${reply.message}`);
  }
}
