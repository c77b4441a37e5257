/**
 * Makes the disks. What may have to be taken back is written down before the first of them: a call
 * whose answer is lost may have had its effect all the same.
 *
 * D1 What was there before us stays: a disk, and a directory, too. Which directories are ours is
 *    known when the node has answered. Until then the undo entry names all of them, and undoing it
 *    (after a crash or a lost answer just here) may take an empty one that was there; never one
 *    with anything in it.
 */
import type { ExecContext } from '../../lu-base.js';
import { throwIfCancelled } from '../../lu-helpers.js';
import { type Disk, whereOf } from '../../model/disk.js';
import type { DeferredUndo } from '../../ports/journal.js';
import { type Reply, type ReplyFailure, unwrap } from '../../ports/reply.js';
import type { CreatePlan, PlannedNode, Provisioned } from '../types.js';
import { undoProvision } from '../undo-entries.js';

type Part = Pick<CreatePlan, 'nodes' | 'instance' | 'disks' | 'storageDirs'>;

/** Directories of our own, and the entry by which they and the disks are taken back. */
interface OurPlace {
  readonly made: readonly string[];
  readonly undo: DeferredUndo;
}

/** Failures which leave open whether the node has made directories. */
const OPEN: ReadonlySet<ReplyFailure> = new Set(['unreachable', 'timeout']);

/** The disks exist; nobody knows of them yet but the journal. */
export async function provision(plan: Part, ctx: ExecContext): Promise<Provisioned> {
  const madeDirectories = plan.disks.length > 0 ? await makeStorage(plan, ctx) : [];
  return { stage: 'provisioned', madeDirectories };
}

async function makeStorage(plan: Part, ctx: ExecContext): Promise<readonly string[]> {
  const { nodes, instance, disks } = plan;
  const { primary } = nodes;
  throwIfCancelled(ctx.signal, 'anything was made');
  const { made, undo } = await makeDirectories(plan, ctx);
  for (const disk of disks) {
    throwIfCancelled(ctx.signal, `disk ${disk.index} was made`);
    const reply = await makeDisk(primary, disk, instance.name, ctx);
    if (!reply.ok && reply.failure === 'exists') await spare(disk, plan, { made, undo }, ctx);
    unwrap.exec(reply, `Cannot make disk ${whereOf(disk.location)} on ${primary.name}`);
  }
  return made;
}

async function makeDirectories(
  { nodes: { primary }, instance, disks, storageDirs }: Part,
  ctx: ExecContext,
): Promise<OurPlace> {
  const all = await ctx.undo.defer(undoProvision(primary, instance, disks, storageDirs));
  const [path] = storageDirs;
  if (path === undefined) return { made: [], undo: all };
  ctx.report.step(`Making directory ${path} on ${primary.name}`);
  const reply = await ctx.rpc.createStorageDir(primary.id, { path });
  // Nothing of ours is there; and what a node does not touch could never be cleared.
  if (!reply.ok && !OPEN.has(reply.failure)) await all.discard();
  const answer = unwrap.exec(reply, `Cannot make directory ${path} on ${primary.name}`);
  const made = storageDirs.filter((directory) => answer.includes(directory));
  if (made.length === storageDirs.length) return { made, undo: all };
  const undo = await ctx.undo.defer(undoProvision(primary, instance, disks, made));
  await all.discard();
  return { made, undo };
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
  { nodes, instance, disks }: Part,
  { made, undo }: OurPlace,
  ctx: ExecContext,
): Promise<void> {
  await ctx.undo.defer(undoProvision(nodes.primary, instance, disks.slice(0, index), made));
  await undo.discard();
}
