/**
 * Settles on which nodes the instance will live, and gives back all other locks at once: they are
 * many, and others wait for them.
 */
import { Cancelled, PrereqError, refuse, TemporaryShortage } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { NodeId } from '../../model/ids.js';
import type { AllocationRequest } from '../../ports/allocator.js';
import { type ChosenNodes, nodesNeeded, settledNodes } from '../locks.js';
import type { PlacedByAllocator } from '../wishes.js';
import type { PlannedNode, PlannedNodes, Wanted } from '../types.js';

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
      ? await allocate(placement, requestOf(wanted, placement, needs, ctx), ctx)
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

function requestOf(
  wanted: Wanted,
  placement: PlacedByAllocator,
  needs: AllocationNeeds,
  ctx: PrereqContext,
): AllocationRequest {
  const { opportunistic, groupName } = placement;
  const { osType, tags } = wanted.op;
  if (osType === undefined) {
    return refuse.input('Allocators want to know the operating system; give an osType, or a pnode');
  }
  return {
    name: wanted.host.name,
    diskTemplate: wanted.storage.template,
    ...needs,
    os: osType,
    tags,
    requiredNodes: nodesNeeded(wanted.storage.template),
    // Without opportunism everything is locked, and a restriction would say nothing.
    ...(opportunistic ? { onlyNodes: [...ctx.locks.at('node')] as NodeId[] } : {}),
    ...(groupName === undefined ? {} : { groupName }),
  };
}

async function allocate(
  { allocator, opportunistic }: PlacedByAllocator,
  request: AllocationRequest,
  ctx: PrereqContext,
): Promise<ChosenNodes> {
  ctx.report.step(`Asking allocator ${allocator} for a place`);
  const { rpc, signal } = ctx;
  // One view of the cluster, however long the search takes.
  const view = { config: ctx.config.snapshot(), rpc, signal };
  const search = ctx.allocator(allocator).allocate(request, view);
  const answer = await unlessCancelled(search, signal, `allocator ${allocator} answered`);
  if (!answer.found) {
    const message = `Allocator ${allocator} found no place for ${request.name}: ${answer.info}`;
    if (opportunistic) throw new TemporaryShortage(message);
    return refuse.resources(message);
  }
  const nodes = checkedAnswer(answer.nodes, request, ctx, allocator);
  ctx.report.info(`Allocator ${allocator} chose ${namesOf(nodes, ctx)}: ${answer.info}`);
  return nodes;
}

/** A search changes nothing: one that does not heed the signal is left behind. */
async function unlessCancelled<T>(
  work: Promise<T>,
  signal: AbortSignal,
  before: string,
): Promise<T> {
  const stop = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    const onAbort = (): void =>
      reject(new Cancelled(`Cancelled before ${before}`, { cause: signal.reason }));
    signal.addEventListener('abort', onAbort, { once: true, signal: stop.signal });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    stop.abort();
  }
}

/** An allocator is somebody else's program: its answer is input. */
function checkedAnswer(
  nodes: readonly NodeId[],
  { requiredNodes }: AllocationRequest,
  ctx: PrereqContext,
  allocator: string,
): ChosenNodes {
  const [primary, ...secondaries] = nodes;
  const isOdd = nodes.length !== requiredNodes || new Set(nodes).size !== nodes.length;
  if (primary === undefined || isOdd) {
    throw new PrereqError(
      `Allocator ${allocator} gave ${nodes.length} node(s), some perhaps twice; it was asked for ` +
        `${requiredNodes} different one(s)`,
      'internal_error',
    );
  }
  const locked = ctx.locks.at('node');
  for (const id of nodes) {
    const node = ctx.config.find('node', id);
    if (node === undefined)
      refuse.unknown(`Allocator ${allocator} chose '${id}', which is no node`);
    else if (!locked.has(id)) {
      refuse.state(`Allocator ${allocator} chose '${node.name}', which was not on offer`);
    }
  }
  return [primary, ...secondaries];
}

function namesOf(nodes: readonly NodeId[], { config }: PrereqContext): string {
  return nodes.map((id) => config.node(id).name).join(', ');
}
