/**
 * Sends the contents of disks to the node that will hold the export, and makes it whole there.
 *
 * Z1 An export that is not whole has another name, and is in the journal before its first byte.
 * Z2 Once whole it stays, whatever happens later.
 */
import { ExecError } from '../../errors.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import { partialExportName } from '../../ports/exports.js';
import { unwrap } from '../../ports/reply.js';
import type { TransferEnd } from '../../ports/transfer.js';
import { LOCAL_LIMITS } from '../../transfer/limits.js';
import { localOptions, transferMagic, transferSecret } from '../../transfer/magic.js';
import { runTransfers, type TransferJob } from '../../transfer/run.js';
import { undoExport } from '../../transfer/undo.js';
import { exportDescription } from './describe.js';
import type { ExportPlan } from './types.js';

/** Sends the disks, or copies of them. Throws `ExecError` if not all of them arrive. */
export async function sendExport(
  plan: ExportPlan,
  disks: readonly Disk[],
  ctx: ExecContext,
): Promise<void> {
  const { runtime, target, stale } = plan;
  const { name } = runtime.instance;
  const partial = partialExportName(name);
  const undo = await ctx.undo.defer(undoExport(target, partial));
  if (stale) {
    ctx.report.info(`An unfinished export of ${name} on ${target.name} is removed`);
    const removed = await ctx.rpc.removeExport(target.id, { name: partial });
    unwrap.exec(removed, `Cannot remove the unfinished export of ${name} on ${target.name}`);
  }
  ctx.report.step(`Exporting the disks of ${name} to ${target.name}`);
  await carry(plan, disks, ctx);
  ctx.report.step(`Finishing the export of ${name} on ${target.name}`);
  const request = { runtime, disks, ...exportDescription(plan, disks, ctx) };
  const finished = await ctx.rpc.finalizeExport(target.id, request);
  unwrap.exec(finished, `Cannot finish the export of ${name} on ${target.name}`);
  await undo.discard();
  ctx.report.info(`The export of ${name} is in ${plan.path} on ${target.name}`);
}

async function carry(plan: ExportPlan, disks: readonly Disk[], ctx: ExecContext): Promise<void> {
  const { runtime, target } = plan;
  const jobs = jobsOf(plan, disks, ctx);
  const ends = await runTransfers({ runtime, to: target, jobs, limits: LOCAL_LIMITS }, ctx);
  const missing = ends.flatMap(({ label, outcome }) =>
    outcome.ok ? [] : [`${label}: ${outcome.message}`],
  );
  if (missing.length === 0) return;
  throw new ExecError(`${runtime.instance.name} was not exported (${missing.join('; ')})`);
}

function jobsOf(
  { runtime, target, path, compress }: ExportPlan,
  disks: readonly Disk[],
  { config, reserve }: ExecContext,
): readonly TransferJob[] {
  const { name, os, primaryNode } = runtime.instance;
  const secret = transferSecret(reserve.drawId());
  const node = config.node(primaryNode);
  return disks.map((disk, position) => {
    // An OS's script knows what of a disk is worth to be kept.
    const end: TransferEnd = { kind: os === undefined ? 'disk' : 'script', disk };
    return {
      label: `Disk ${disk.index}`,
      component: `disk${position}`,
      options: localOptions(compress, transferMagic(secret, name, position)),
      into: { kind: 'file', path: `${partialExportName(path)}/${disk.id}` },
      from: { node, end, host: target.secondaryIp },
    };
  });
}
