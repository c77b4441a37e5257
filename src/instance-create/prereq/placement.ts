/**
 * Settles on which nodes the instance will live, and gives back all other locks at once: they are
 * many, and others wait for them.
 */
import { Cancelled, PrereqError, refuse, TemporaryShortage } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { NodeId } from '../../model/ids.js';
import type { AllocationRequest } from '../../ports/allocator.js';
import { nodesNeeded } from '../locks.js';
import type {
  CreateNames,
  PlacedByAllocator,
  PlannedNode,
  PlannedNodes,
  PlannedParams,
} from '../types.js';
import type { PlannedNics } from './nics.js';

/** The nodes; only they stay locked. */
export async function choosePlacement(
  names: CreateNames,
  params: PlannedParams,
  nics: PlannedNics,
  ctx: PrereqContext,
): Promise<PlannedNodes> {
  const { placement } = names;
  const chosen =
    placement.by === 'operator'
      ? [placement.primary]
      : await allocate(placement, requestOf(names, placement, params, nics, ctx), ctx);
  const groups = chosen.map((id) => ctx.config.node(id).groupId);
  ctx.locks.keepOnly('node', chosen);
  ctx.locks.keepOnly('node-res', chosen);
  ctx.locks.keepOnly('nodegroup', groups);
  const [primary, ...secondaries] = chosen.map((id) => plannedNode(id, ctx));
  return { primary: primary ?? refuse.state('No node was chosen'), secondaries };
}

function plannedNode(id: NodeId, { config }: PrereqContext): PlannedNode {
  return { id, name: config.node(id).name };
}

function requestOf(
  names: CreateNames,
  placement: PlacedByAllocator,
  params: PlannedParams,
  nics: PlannedNics,
  ctx: PrereqContext,
): AllocationRequest {
  const { opportunistic, groupName } = placement;
  return {
    name: names.host.name,
    diskTemplate: names.storage.template,
    disks: names.disks,
    nics: nics.filled,
    beParams: params.filled.be,
    hypervisor: names.hypervisor,
    os: names.os.type,
    tags: names.tags,
    requiredNodes: nodesNeeded(names.storage.template),
    // Without opportunism everything is locked, and a restriction would say nothing.
    ...(opportunistic ? { onlyNodes: [...ctx.locks.at('node')] as NodeId[] } : {}),
    ...(groupName === undefined ? {} : { groupName }),
  };
}

async function allocate(
  { allocator, opportunistic }: PlacedByAllocator,
  request: AllocationRequest,
  ctx: PrereqContext,
): Promise<readonly NodeId[]> {
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
  checkAnswer(answer.nodes, request, ctx, allocator);
  ctx.report.info(`Allocator ${allocator} chose ${namesOf(answer.nodes, ctx)}: ${answer.info}`);
  return answer.nodes;
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
function checkAnswer(
  nodes: readonly NodeId[],
  { requiredNodes }: AllocationRequest,
  ctx: PrereqContext,
  allocator: string,
): void {
  if (nodes.length !== requiredNodes || new Set(nodes).size !== nodes.length) {
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
}

function namesOf(nodes: readonly NodeId[], { config }: PrereqContext): string {
  return nodes.map((id) => config.node(id).name).join(', ');
}
