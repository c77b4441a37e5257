/**
 * The built-in allocator. It chooses the nodes that keep most of their memory and disk space free,
 * so that instances spread over the cluster.
 *
 * F1 Arithmetic on what nodes and configuration say: the same answer for the same input.
 * F2 Memory counts as used if an instance that should run, but does not, may claim it.
 * F3 A node of a group of last resort is chosen only if no preferred group has room.
 * F4 Room that operations under way have claimed counts as used.
 */
import type {
  AllocationAnswer,
  AllocationRequest,
  AllocationView,
  Allocator,
} from '../ports/allocator.js';
import { candidatesOf } from './candidates.js';
import { type Measured, measure } from './measure.js';
import { Reasons } from './reasons.js';

/**
 * Chooses the nodes with most room left.
 *
 * Candidates are online, not drained, may run instances, belong to a group that is open to
 * allocators, admits the kind of storage and is the requested one, if one is; they have enough
 * memory, disk space and, by the group's policy, processors. All nodes of an instance are of one
 * group. A preferred group wins over one of last resort; then the highest score wins, which is the
 * lower of two shares: that of memory and that of disk space which would stay free. Equal scores
 * are settled by fewer instances, then by name.
 * @public
 */
export class MostFreeAllocator implements Allocator {
  /** `most-free`. */
  readonly name = 'most-free';

  /** Chooses nodes; if there is no choice, `info` counts the reasons. */
  async allocate(request: AllocationRequest, view: AllocationView): Promise<AllocationAnswer> {
    const { groupName, requiredNodes } = request;
    if (groupName !== undefined && view.config.findGroup(groupName) === undefined) {
      return { found: false, info: `there is no group '${groupName}'` };
    }
    const reasons = new Reasons();
    const candidates = candidatesOf(request, view.config, reasons);
    const fitting = await measure(candidates, request, view, reasons);
    const chosen = bestOfOneGroup(fitting, requiredNodes);
    if (chosen === undefined) {
      const some = `${fitting.length} would do, but no group has ${requiredNodes} of them`;
      const info = [...(fitting.length > 0 ? [some] : []), ...reasons.list()].join('; ');
      return { found: false, info };
    }
    const percent = chosen.map(({ score }) => Math.floor(score * 100)).join(' % and ');
    return {
      found: true,
      nodes: chosen.map(({ node }) => node.id),
      info: `${percent} % stay free`,
    };
  }
}

function bestOfOneGroup(
  fitting: readonly Measured[],
  wanted: number,
): readonly Measured[] | undefined {
  const groups = new Map<string, Measured[]>();
  for (const one of fitting.toSorted(better)) {
    const { groupId } = one.node;
    const group = groups.get(groupId) ?? [];
    if (group.length < wanted) groups.set(groupId, [...group, one]);
  }
  // Groups are in the order of their best nodes.
  return [...groups.values()].find((group) => group.length === wanted);
}

function better(a: Measured, b: Measured): number {
  return (
    Number(a.lastResort) - Number(b.lastResort) ||
    b.score - a.score ||
    a.instances - b.instances ||
    (a.node.name < b.node.name ? -1 : 1)
  );
}
