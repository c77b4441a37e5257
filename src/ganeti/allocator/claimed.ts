/**
 * Room that operations under way have claimed, in a form that allocator programs understand: the
 * protocol has no word for it, so nodes have that much less memory, space and spindles free.
 * Processors cannot be told in this way: programs count those of the instances that there are.
 */
import type { NodeId } from '../../model/ids.js';
import type { AllocationRequest } from '../../ports/allocator.js';
import { type CapacityClaim, claimedOn } from '../../ports/capacity.js';
import type { LiveNode } from './input.js';

/** What nodes say of themselves, less what is claimed on them. */
export function lessClaimed(
  live: ReadonlyMap<NodeId, LiveNode>,
  { diskTemplate }: Pick<AllocationRequest, 'diskTemplate'>,
  claimed: readonly CapacityClaim[],
): ReadonlyMap<NodeId, LiveNode> {
  if (claimed.length === 0) return live;
  return new Map(
    Array.from(live, ([id, node]): [NodeId, LiveNode] => {
      const { memoryMib, diskMib, spindles } = claimedOn(claimed, id, diskTemplate);
      const { facts, spindles: disks } = node;
      const [space, ...others] = facts.storage;
      const left =
        space?.freeMib === undefined ? space : { ...space, freeMib: less(space.freeMib, diskMib) };
      const storage = left === undefined ? facts.storage : [left, ...others];
      const memoryFreeMib = less(facts.memoryFreeMib, memoryMib);
      const free = disks && { spindles: { ...disks, free: less(disks.free, spindles) } };
      return [id, { ...node, ...free, facts: { ...facts, memoryFreeMib, storage } }];
    }),
  );
}

function less(free: number, claimed: number): number {
  return Math.max(0, free - claimed);
}
