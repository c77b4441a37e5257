/**
 * Gets the disks ready for use: what was on their space before is overwritten, if the cluster wants
 * that. After this nobody else needs to stay away from the nodes' storage.
 */
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import { whereOf } from '../../model/disk.js';
import { unwrap } from '../../ports/reply.js';
import type { CreatePlan, Prepared, Registered } from '../types.js';

/** The disks are clean. */
export async function prepare(
  { runtime }: Registered,
  plan: Pick<CreatePlan, 'nodes' | 'disks' | 'steps'>,
  ctx: ExecContext,
): Promise<Prepared> {
  const { primary } = plan.nodes;
  for (const disk of plan.steps.wipe ? plan.disks : []) {
    throwIfCancelled(ctx.signal, `disk ${disk.index} was wiped`);
    ctx.report.step(`Wiping disk ${disk.index} (${disk.sizeMib} MiB) on ${primary.name}`);
    const reply = await ctx.rpc.wipeDisk(primary.id, { disk });
    unwrap.exec(reply, `Cannot wipe disk ${whereOf(disk.location)} on ${primary.name}`);
  }
  ctx.locks.keepOnly('node-res', []);
  return { stage: 'prepared', runtime };
}
