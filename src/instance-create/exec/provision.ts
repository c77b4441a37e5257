/**
 * Makes the disks. What may have to be taken back is written down before the first of them: a call
 * whose answer is lost may have had its effect all the same.
 */
import type { ExecContext } from '../../lu-base.js';
import { throwIfCancelled } from '../../lu-helpers.js';
import type { Disk } from '../../model/disk.js';
import type { DeferredUndo } from '../../ports/journal.js';
import { type Reply, unwrap } from '../../ports/reply.js';
import type { CreatePlan, PlannedNode, Provisioned } from '../types.js';
import { undoProvision } from '../undo-entries.js';

type Part = Pick<CreatePlan, 'nodes' | 'instance' | 'disks' | 'storageDir'>;

/** The disks exist; nobody knows of them yet but the journal. */
export async function provision(plan: Part, ctx: ExecContext): Promise<Provisioned> {
  if (plan.disks.length > 0) await makeStorage(plan, ctx);
  return { stage: 'provisioned' };
}

async function makeStorage(plan: Part, ctx: ExecContext): Promise<void> {
  const { nodes, instance, disks, storageDir } = plan;
  const { primary } = nodes;
  throwIfCancelled(ctx.signal, 'anything was made');
  const undo = await ctx.undo.defer(undoProvision(primary, instance, disks, storageDir));
  if (storageDir !== undefined) await makeDirectory(primary, storageDir, undo, ctx);
  for (const disk of disks) {
    throwIfCancelled(ctx.signal, `disk ${disk.index} was made`);
    const reply = await makeDisk(primary, disk, instance.name, ctx);
    if (!reply.ok && reply.failure === 'exists') await spare(disk, plan, undo, ctx);
    unwrap.exec(reply, `Cannot make disk ${disk.location.path} on ${primary.name}`);
  }
}

async function makeDirectory(
  node: PlannedNode,
  path: string,
  undo: DeferredUndo,
  ctx: ExecContext,
): Promise<void> {
  ctx.report.step(`Making directory ${path} on ${node.name}`);
  const reply = await ctx.rpc.createStorageDir(node.id, { path });
  // A place that the node does not touch holds nothing of ours, and could never be cleared.
  if (!reply.ok && reply.failure === 'not_authorised') await undo.discard();
  unwrap.exec(reply, `Cannot make directory ${path} on ${node.name}`);
}

function makeDisk(
  node: PlannedNode,
  disk: Disk,
  owner: string,
  ctx: ExecContext,
): Promise<Reply<void>> {
  ctx.report.step(`Making disk ${disk.index} (${disk.sizeMib} MiB) on ${node.name}`);
  const info = `originstname+${owner}`;
  return ctx.rpc.createDisk(node.id, { disk, owner, info });
}

/** What was there before us is not ours to remove: takes a disk and those after it out of undo. */
async function spare(
  { index }: Disk,
  { nodes, instance, disks, storageDir }: Part,
  undo: DeferredUndo,
  ctx: ExecContext,
): Promise<void> {
  const made = disks.slice(0, index);
  await ctx.undo.defer(undoProvision(nodes.primary, instance, made, storageDir));
  await undo.discard();
}
