/**
 * Makes the disks. Each effect is preceded by its undo entry: a call whose answer is lost may have
 * had its effect all the same.
 */
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import { unwrap } from '../../ports/reply.js';
import type { CreatePlan, PlannedNode, Provisioned } from '../types.js';
import { undoDisk, undoStorageDir } from '../undo-entries.js';

/** The disks exist; nobody knows of them yet but the journal. */
export async function provision(
  plan: Pick<CreatePlan, 'nodes' | 'instance' | 'disks' | 'storageDir'>,
  ctx: ExecContext,
): Promise<Provisioned> {
  const { primary } = plan.nodes;
  if (plan.storageDir !== undefined) await makeDirectory(primary, plan.storageDir, ctx);
  for (const disk of plan.disks) {
    throwIfCancelled(ctx.signal, `disk ${disk.index} was made`);
    await makeDisk(primary, disk, plan.instance.name, ctx);
  }
  return { stage: 'provisioned' };
}

async function makeDirectory(node: PlannedNode, path: string, ctx: ExecContext): Promise<void> {
  throwIfCancelled(ctx.signal, `directory ${path} was made`);
  ctx.report.step(`Making directory ${path} on ${node.name}`);
  await ctx.undo.defer(undoStorageDir(node, path));
  const reply = await ctx.rpc.createStorageDir(node.id, { path });
  unwrap.exec(reply, `Cannot make directory ${path} on ${node.name}`);
}

async function makeDisk(
  node: PlannedNode,
  disk: Disk,
  owner: string,
  ctx: ExecContext,
): Promise<void> {
  ctx.report.step(`Making disk ${disk.index} (${disk.sizeMib} MiB) on ${node.name}`);
  const undo = await ctx.undo.defer(undoDisk(node, disk));
  const info = `originstname+${owner}`;
  const reply = await ctx.rpc.createDisk(node.id, { disk, owner, info });
  // What was there before us is not ours to remove.
  if (!reply.ok && reply.failure === 'exists') await undo.discard();
  unwrap.exec(reply, `Cannot make disk ${disk.location.path} on ${node.name}`);
}
