/**
 * Tells the configuration of the new instance.
 */
import { runtimeOf } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import type { CreatePlan, Provisioned, Registered } from '../types.js';
import { undoRegistration } from '../undo-entries.js';

/** Instance and disks are in the configuration, together or not at all. Nodes are free again. */
export async function register(
  { madeDirectories }: Provisioned,
  plan: Pick<CreatePlan, 'instance' | 'disks' | 'osParams'>,
  ctx: ExecContext,
): Promise<Registered> {
  const { instance, disks, osParams } = plan;
  ctx.report.step(`Adding ${instance.name} to the configuration`);
  await ctx.config.commit(
    `add instance ${instance.name}`,
    (draft) => {
      draft.add('instance', instance);
      for (const disk of disks) {
        draft.add('disk', withDirectories(disk, madeDirectories));
      }
    },
    undoRegistration(instance),
  );
  ctx.locks.keepOnly('node', []);
  const stored = ctx.config.instance(instance.id);
  return { stage: 'registered', runtime: runtimeOf(ctx.config, stored, osParams.secret) };
}

/** Who removes the disk one day has to know which directories go with it. */
function withDirectories(disk: Disk, madeDirectories: readonly string[]): Disk {
  if (disk.location.kind !== 'file') return disk;
  return { ...disk, location: { ...disk.location, madeDirectories } };
}
