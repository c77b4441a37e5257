/**
 * Gets the disks ready for use: what was on their space before is overwritten, if the cluster wants
 * that, their mirrors agree, and an image is written, if the request wants that. Disks that do not
 * get ready are removed with their instance, whatever happens to later failures.
 */
import { ExecError } from '../../errors.js';
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import { whereOf } from '../../model/disk.js';
import { unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { CreatePlan, Prepared, Registered } from '../types.js';
import { whilePaused } from './paused-sync.js';
import { isMirrored, mirrorsHealthy } from './sync.js';
import { wipeDisk } from './wipe.js';

/** The disks are clean, healthy, and hold the image. */
export async function prepare(
  { runtime }: Registered,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Prepared> {
  if (plan.steps.wipe) await wipe(runtime, plan, ctx);
  await checkMirrors(runtime, plan, ctx);
  const { image } = plan.steps;
  if (image !== undefined) await writeImage(image, runtime, plan, ctx);
  await checkMirrors(runtime, plan, ctx);
  const instance = { ...runtime.instance, disksActive: true };
  return { stage: 'prepared', runtime: { ...runtime, instance } };
}

function wipe(runtime: RuntimeInstance, { nodes }: CreatePlan, ctx: ExecContext): Promise<void> {
  const { primary } = nodes;
  const { disks } = runtime;
  return whilePaused({ node: primary, runtime, disks }, ctx, async () => {
    for (const disk of disks) {
      throwIfCancelled(ctx.signal, `disk ${disk.index} was wiped`);
      await wipeDisk(disk, primary, runtime, ctx);
    }
  });
}

async function writeImage(
  image: string,
  runtime: RuntimeInstance,
  { nodes: { primary } }: CreatePlan,
  ctx: ExecContext,
): Promise<void> {
  const [disk] = runtime.disks;
  if (disk === undefined) throw new ExecError('There is no disk to write the image to');
  throwIfCancelled(ctx.signal, 'the image was written');
  ctx.report.step(`Writing ${image} to disk 0 on ${primary.name}`);
  await whilePaused({ node: primary, runtime, disks: [disk] }, ctx, async () => {
    const reply = await ctx.rpc.imageDisk(primary.id, { disk, runtime, image });
    unwrap.exec(reply, `Cannot write ${image} to ${whereOf(disk.location)} on ${primary.name}`);
  });
}

async function checkMirrors(
  runtime: RuntimeInstance,
  { steps }: CreatePlan,
  ctx: ExecContext,
): Promise<void> {
  const { disks, instance } = runtime;
  const isAsked = steps.waitForSync && ctx.compatibility.mirrorHandling === 'lenient';
  if (!isAsked && !disks.some(isMirrored)) return;
  if (await mirrorsHealthy(runtime, !steps.waitForSync, ctx)) return;
  throw new ExecError(`Disks of ${instance.name} are degraded; look at its nodes and try again`);
}
