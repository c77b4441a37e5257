/**
 * The checks on disks that need their nodes: spindles, room or adoption, access. In Ganeti's order,
 * since the first mistake is the one that is told.
 */
import type { PrereqContext } from '../../lu-base.js';
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import { fileRoot } from '../args/file-storage-dir.js';
import type { DiskSpec } from '../types.js';
import { checkAccess } from './access.js';
import { adoptDisks } from './adoption.js';
import { checkFileSpace, checkSpace, type NewDisks } from './space.js';
import { checkSpindles } from './spindles.js';

/** Disks whose nodes are known. */
export interface PlacedDisks extends NewDisks {
  /** Whether they exist already. */
  readonly adopts: boolean;
  /** What will use them. */
  readonly hypervisor: HypervisorName;
}

/** The disks as they can be had: there is room for them, or they are there and are claimed. */
export async function checkStorage(
  placed: PlacedDisks,
  ctx: PrereqContext,
): Promise<readonly DiskSpec[]> {
  const { template, specs, nodes, hypervisor } = placed;
  const { config } = ctx;
  const ids = [nodes.primary, ...nodes.secondaries].map(({ id }) => id);
  checkSpindles(specs, template, ids, config);
  const had = await haveDisks(placed, ctx);
  const group = config.group(config.node(nodes.primary.id).groupId);
  checkAccess(had, template, hypervisor, { cluster: config.cluster, group });
  return had;
}

async function haveDisks(placed: PlacedDisks, ctx: PrereqContext): Promise<readonly DiskSpec[]> {
  const { template, specs, nodes } = placed;
  if (placed.adopts) return adoptDisks(template, specs, nodes.primary, ctx);
  await checkSpace(placed, ctx);
  if (ctx.compatibility.checkFileSpace) await checkFiles(placed, ctx);
  return specs;
}

async function checkFiles(placed: PlacedDisks, ctx: PrereqContext): Promise<void> {
  if (!DISK_TEMPLATE_FACTS[placed.template].fileBased) return;
  await checkFileSpace(placed, fileRoot(placed.template, ctx.config.cluster), ctx);
}
