/**
 * Settles on which nodes the instance will live, and gives back all other locks at once: they are
 * many, and others wait for them.
 */
import { refuse } from '../../errors.js';
import type { LocksContext, PrereqContext } from '../../lu-base.js';
import type { NodeId } from '../../model/ids.js';
import type { AllocationRequest } from '../../ports/allocator.js';
import { type ChosenNodes, nodesNeeded, settledNodes } from '../locks.js';
import type { PlacedByAllocator } from '../wishes.js';
import type { PlannedNode, PlannedNodes, Wanted } from '../types.js';
import { findPlace } from './find-place.js';

/** What an allocator has to know beyond the request. */
export type AllocationNeeds = Pick<
  AllocationRequest,
  'disks' | 'diskSpaceMib' | 'nics' | 'beParams' | 'hypervisor'
>;

/** The nodes; only they, and the one that the contents come from, stay locked. */
export async function choosePlacement(
  wanted: Wanted,
  needs: AllocationNeeds,
  ctx: PrereqContext,
): Promise<PlannedNodes> {
  const { placement } = wanted;
  const chosen =
    placement.by === 'allocator'
      ? await findPlace(placement, lockedRequest(wanted, placement, needs, ctx), ctx)
      : settledNodes(placement);
  keepLocks(chosen, wanted.imported, ctx);
  const [primary, ...secondaries] = chosen;
  return {
    primary: plannedNode(primary, ctx),
    secondaries: secondaries.map((id) => plannedNode(id, ctx)),
  };
}

function keepLocks(chosen: ChosenNodes, imported: Wanted['imported'], ctx: PrereqContext): void {
  const keep = imported === undefined ? chosen : [...chosen, imported.node];
  const groups = keep.map((id) => ctx.config.node(id).groupId);
  ctx.locks.keepOnly('node', keep);
  ctx.locks.keepOnly('node-res', keep);
  ctx.locks.keepOnly('nodegroup', groups);
}

function plannedNode(id: NodeId, { config }: PrereqContext): PlannedNode {
  return { id, name: config.node(id).name };
}

/** On all rungs but the last, only nodes that are locked may be chosen. */
function lockedRequest(
  wanted: Wanted,
  placement: PlacedByAllocator,
  needs: AllocationNeeds,
  ctx: LocksContext,
): AllocationRequest {
  const request = requestOf(wanted, placement, needs);
  // With everything locked a restriction would say nothing.
  if (placement.rung === 'full') return request;
  return { ...request, onlyNodes: [...ctx.locks.at('node')] as NodeId[] };
}

/** What of a request an allocator is told beside its needs. */
export type Asking = Pick<Wanted, 'host' | 'storage'> & {
  readonly op: Pick<Wanted['op'], 'osType' | 'tags'>;
};

/** The request to an allocator that may choose any node. */
export function requestOf(
  { op: { osType, tags }, host, storage }: Asking,
  { groupName }: PlacedByAllocator,
  needs: AllocationNeeds,
): AllocationRequest {
  if (osType === undefined) {
    return refuse.input('Allocators want to know the operating system; give an osType, or a pnode');
  }
  return {
    name: host.name,
    diskTemplate: storage.template,
    ...needs,
    os: osType,
    tags,
    requiredNodes: nodesNeeded(storage.template),
    ...(groupName === undefined ? {} : { groupName }),
  };
}
