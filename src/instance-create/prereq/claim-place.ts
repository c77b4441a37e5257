/**
 * The first rung of the ladder: a place is chosen on a snapshot and claimed before any node is
 * locked. All that nodes are chosen by is worked out here as it will be under locks, but nothing
 * beside room is claimed: cards have no hardware address of their own yet.
 */
import type { LocksContext } from '../../lu-base.js';
import { computeDisks } from '../args/disks.js';
import { readHypervisor } from '../args/params.js';
import { readTags } from '../args/tags.js';
import type { CreateNames } from '../types.js';
import { allocationNeeds } from './allocation-needs.js';
import { findPlace } from './find-place.js';
import { drawMacs, planNics } from './nics.js';
import { planParams } from './params.js';
import { requestOf } from './placement.js';

/** Claims room for the instance where its allocator wants it. */
export async function claimPlace(names: CreateNames, ctx: LocksContext): Promise<void> {
  const { placement, op, storage, disks } = names;
  if (placement.by !== 'allocator') return;
  const { cluster } = ctx.config;
  const hypervisor = readHypervisor(op.hypervisor, cluster.enabledHypervisors);
  const params = planParams({ hypervisor, op }, ctx);
  const asked = computeDisks(disks, storage.template, cluster);
  const reserve = { mac: () => undefined, drawMac: unknownMac, drawId: () => 'not-drawn-yet' };
  const cards = drawMacs(planNics(names, { ...parts(ctx), reserve }), { ...parts(ctx), reserve });
  const needs = allocationNeeds({ storage, hypervisor }, params, cards, asked, ctx.config);
  const tags = readTags(op.tags ?? [], ctx.compatibility.oddRequests);
  const about = { host: names.host, storage, op: { ...op, tags } };
  await findPlace(placement, requestOf(about, placement, needs), ctx);

  function unknownMac(prefix: string = cluster.macPrefix): string {
    return `${prefix}:00:00:00`;
  }
}

function parts({
  config,
  compatibility,
}: LocksContext): Pick<LocksContext, 'config' | 'compatibility'> {
  return { config, compatibility };
}
