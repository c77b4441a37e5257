/**
 * Takes over volumes that the operator provides: they get the names of our disks, and their own
 * ones back if the creation fails. Block devices stay as they are.
 */
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import { unwrap } from '../../ports/reply.js';
import type { AdoptedVolume, CreatePlan, Provisioned } from '../types.js';
import { undoAdoption } from '../undo-entries.js';
import { runtimeBefore } from './make-disks.js';

/** The disks are ours. */
export async function adoptDisks(plan: CreatePlan, ctx: ExecContext): Promise<Provisioned> {
  const { adopted, nodes } = plan;
  if (adopted.length > 0) {
    const { primary } = nodes;
    const runtime = runtimeBefore(plan);
    const { instance } = runtime;
    const back = { node: primary.id, instance, renames: adopted.map(backwards) };
    if (ctx.compatibility.halfMade === 'removed') await ctx.undo.defer(undoAdoption(back));
    ctx.report.step(`Taking over ${adopted.length} volume(s) on ${primary.name}`);
    const renames = adopted.map(({ disk, volume }) => ({ disk, volumeNow: volume }));
    const reply = await ctx.rpc.renameVolumes(primary.id, { runtime, renames });
    unwrap.exec(reply, `Cannot rename the volumes to take over on ${primary.name}`);
  }
  return { stage: 'provisioned', madeDirectories: [] };
}

function backwards({ disk, volume }: AdoptedVolume): { disk: Disk; volumeNow: string } {
  const { location } = disk;
  return { disk: { ...disk, location: { ...location, volume } }, volumeNow: location.volume };
}
