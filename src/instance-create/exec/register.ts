/**
 * Tells the configuration of the new instance.
 */
import { runtimeOf } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import type { ConfigDraft } from '../../ports/config-store.js';
import type { CreatePlan, Provisioned, Registered } from '../types.js';
import { loseReservedPort } from './ports.js';
import { devicesOf, type Remains, type Reserved, undoRegistration } from '../undo-entries.js';

/** Instance and disks are in the configuration, together or not at all. */
export async function register(
  { madeDirectories, undo }: Provisioned,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Registered> {
  const { instance, osParams } = plan;
  const isMade = plan.provision === 'make';
  const disks = isMade ? plan.disks.map((disk) => located(disk, madeDirectories)) : plan.disks;
  ctx.report.step(`Adding ${instance.name} to the configuration`);
  await ctx.config.commit(
    `add instance ${instance.name}`,
    (draft) => enter(draft, plan, disks),
    undoRegistration(remainsOf(plan, disks, madeDirectories), reservedBefore(plan, ctx)),
  );
  if (ctx.compatibility.ports === 'at-once') await loseReservedPort(plan, ctx);
  // From here on the disks are the registered instance's, and go with it.
  await undo?.discard();
  const stored = ctx.config.instance(instance.id);
  return { stage: 'registered', runtime: runtimeOf(ctx.config, stored, osParams.secret) };
}

function enter(draft: ConfigDraft, plan: CreatePlan, disks: readonly Disk[]): void {
  const { replaces } = plan;
  if (replaces !== undefined) {
    draft.remove('instance', replaces.id);
    for (const id of replaces.diskIds) draft.remove('disk', id);
  }
  draft.add('instance', plan.instance);
  for (const disk of disks) draft.add('disk', disk);
}

/** The reservation that the instance replaces: it comes back, unless it is lost as by Ganeti. */
function reservedBefore(
  { replaces }: CreatePlan,
  { compatibility, config }: ExecContext,
): Reserved | undefined {
  if (replaces === undefined || compatibility.onFailure === 'keep') return undefined;
  return { instance: replaces, disks: config.disksOf(replaces) };
}

/** What was there before is not to be removed: adopted volumes, and what is only reserved. */
function remainsOf(
  plan: CreatePlan,
  disks: readonly Disk[],
  directories: readonly string[],
): Remains {
  const { instance } = plan;
  const ours = plan.provision === 'make' ? disks : [];
  return { instance, devices: devicesOf(instance, ours), directories };
}

function located(disk: Disk, madeDirectories: readonly string[]): Disk {
  const { location } = disk;
  if (location.kind !== 'file') return disk;
  return { ...disk, location: { ...location, madeDirectories } };
}
