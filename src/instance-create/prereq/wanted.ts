/**
 * What is wanted, all told: the request, and under it what an import brings. From here on nobody
 * asks any more where a value comes from.
 */
import type { PrereqContext } from '../../lu-base.js';
import type { Cluster } from '../../model/cluster.js';
import { fileStorageDir } from '../args/file-storage-dir.js';
import { readHypervisor } from '../args/params.js';
import { readTags } from '../args/tags.js';
import { sourceOf } from '../source/source.js';
import type { CreateNames, DiskSpec, NicSpec, PlannedNodes, Wanted } from '../types.js';
import { keepFormerMacs, planNics } from './nics.js';
import type { Decided } from './plan.js';
import type { MeasuredInstance } from './policy.js';
import { checkHasVolumeGroup } from './space.js';
import type { PlacedDisks } from './storage.js';

/** The request with what its source brings; the cluster can run such an instance at all. */
export async function readWanted(names: CreateNames, ctx: PrereqContext): Promise<Wanted> {
  const { cluster } = ctx.config;
  const { op, imported, origin } = await sourceOf(names.mode).read(names, ctx);
  checkHasVolumeGroup(names.storage.template, cluster);
  const hypervisor = readHypervisor(op.hypervisor, cluster.enabledHypervisors);
  return {
    ...names,
    op: { ...op, tags: readTags(op.tags ?? []) },
    disks: names.disks.length > 0 ? names.disks : op.disks,
    nics: names.nics.length > 0 ? names.nics : op.nics,
    origin,
    hypervisor,
    ...(imported === undefined ? {} : { imported }),
  };
}

/** The cards; an instance that keeps its name keeps its hardware addresses. */
export function wantedCards(wanted: Wanted, ctx: PrereqContext): readonly NicSpec[] {
  const cards = planNics(wanted, ctx);
  const { imported, host } = wanted;
  return imported?.formerName === host.name ? keepFormerMacs(cards, imported.macs, ctx) : cards;
}

/** Where disk files will lie, for storage that has any. */
export function storageDir(names: CreateNames, cluster: Cluster): string | undefined {
  const { storage, host, op } = names;
  return fileStorageDir(storage.template, host.name, op.fileStorageDir, cluster);
}

/** The disks, as far as they depend on their nodes. */
export function placed(
  { storage, adopts, hypervisor }: Wanted,
  specs: readonly DiskSpec[],
  nodes: PlannedNodes,
): PlacedDisks {
  return { template: storage.template, specs, nodes, adopts, hypervisor };
}

/** What of the instance policies are about. */
export function measured({ wanted, params, nics, disks }: Decided): MeasuredInstance {
  return {
    template: wanted.storage.template,
    beParams: params.filled.be,
    nicCount: nics.own.length,
    disks,
  };
}
