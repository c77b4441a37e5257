/**
 * What is wanted, all told: the request, and under it what an import brings. From here on nobody
 * asks any more where a value comes from.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { Cluster } from '../../model/cluster.js';
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import { readHypervisor } from '../args/params.js';
import { readTags } from '../args/tags.js';
import { sourceOf } from '../source/source-of.js';
import type { CreateNames, Wanted } from '../types.js';
import type { NicSpec } from '../wishes.js';
import { keepFormerMacs, planNics } from './nics.js';
import type { Decided } from './plan.js';
import type { MeasuredInstance } from './policy.js';

/** The request with what its source brings; the cluster can run such an instance at all. */
export async function readWanted(names: CreateNames, ctx: PrereqContext): Promise<Wanted> {
  const { cluster } = ctx.config;
  const { origin: _, ...known } = names;
  const { op, imported } = await sourceOf(names.mode).read(names, ctx);
  checkVolumeGroup(names, cluster);
  const hypervisor = readHypervisor(op.hypervisor, cluster.enabledHypervisors);
  return {
    ...known,
    op: { ...op, tags: readTags(op.tags ?? [], ctx.compatibility.oddRequests) },
    disks: names.disks.length > 0 ? names.disks : op.disks,
    nics: names.nics.length > 0 ? names.nics : op.nics,
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

/** What of the instance policies are about. */
export function measured({
  wanted,
  params,
  nics,
  disks,
}: Pick<Decided, 'wanted' | 'params' | 'nics' | 'disks'>): MeasuredInstance {
  return {
    template: wanted.storage.template,
    beParams: params.filled.be,
    nicCount: nics.own.length,
    disks,
  };
}

function checkVolumeGroup({ storage: { template } }: CreateNames, { volumeGroup }: Cluster): void {
  if (!DISK_TEMPLATE_FACTS[template].lvm || (volumeGroup ?? '') !== '') return;
  refuse.state(`Disks of '${template}' are volumes, but the cluster has no volume group; set one`);
}
