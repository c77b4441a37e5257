/**
 * Who decides where the instance lives: the operator, an allocator, or whoever reserved its place.
 */
import { refuse } from '../../errors.js';
import type { ArgsContext } from '../../lu-base.js';
import type { Cluster } from '../../model/cluster.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { PlacementRung, Reporter } from '../../ports/reporter.js';
import { nodeRef } from '../look-up-node.js';
import type { CreateOp } from '../op.js';
import type { NodeRef, PlacedByAllocator, Placement } from '../wishes.js';

/** Stands for the cluster's default allocator (Ganeti's shortcut). */
const DEFAULT_ALLOCATOR = '.';

/** What reading a placement may touch. */
export interface PlacementContext extends Pick<ArgsContext, 'compatibility' | 'report'> {
  readonly cluster: Cluster;
}

/** The placement that the request asks for. */
export function readPlacement(
  op: CreateOp,
  template: DiskTemplate,
  { cluster, compatibility, report }: PlacementContext,
): Placement<NodeRef> {
  const primary = nodeRef(op.pnode, op.pnodeUuid);
  if (primary === undefined) return placedByAllocator(op, cluster, compatibility);
  if (op.iallocator !== undefined) {
    refuse.input('Both pnode and iallocator are given; give one of them');
  }
  if (op.opportunisticLocking === true) {
    refuse.input('opportunisticLocking is for allocators; leave it out, or leave pnode out');
  }
  if (op.placementRung !== undefined) {
    refuse.input('placementRung is for allocators; leave it out, or leave pnode out');
  }
  const secondary = readSecondary(op, template, report);
  return { by: 'operator', primary, ...(secondary === undefined ? {} : { secondary }) };
}

function placedByAllocator(
  op: CreateOp,
  cluster: Cluster,
  compatibility: ArgsContext['compatibility'],
): PlacedByAllocator {
  const { groupName } = op;
  return {
    by: 'allocator',
    allocator: allocatorName(op, cluster),
    rung: firstRung(op, compatibility),
    ...(groupName === undefined ? {} : { groupName }),
  };
}

/** Rungs on which the need must be known before any node is locked are for plain creations. */
function firstRung(op: CreateOp, { placement }: ArgsContext['compatibility']): PlacementRung {
  const knowsNeeds = op.mode === 'create' && op.disks.every(({ adopt }) => adopt === undefined);
  const asked =
    op.placementRung ?? (op.opportunisticLocking === true ? 'opportunistic' : placement);
  if (asked === 'locks') return 'full';
  if (asked !== 'claims' || knowsNeeds) return asked;
  return op.placementRung === undefined ? 'full' : 'opportunistic';
}

/** Where to go on if a rung has failed; only the last one never fails for want of locks. */
export function nextRung({
  placementRung,
  opportunisticLocking,
}: CreateOp): PlacementRung | undefined {
  if (placementRung === 'full') return undefined;
  const isSecond = placementRung === 'opportunistic' || opportunisticLocking === true;
  return isSecond && placementRung !== 'claims' ? 'full' : 'opportunistic';
}

function allocatorName({ iallocator }: CreateOp, cluster: Cluster): string {
  if (iallocator !== undefined && iallocator !== DEFAULT_ALLOCATOR) return iallocator;
  return (
    cluster.defaultAllocator ??
    refuse.input('The cluster has no default allocator; give pnode, or an allocator by name')
  );
}

function readSecondary(
  op: CreateOp,
  template: DiskTemplate,
  report: Reporter,
): NodeRef | undefined {
  const secondary = nodeRef(op.snode, op.snodeUuid);
  if (DISK_TEMPLATE_FACTS[template].secondaries > 0) {
    return secondary ?? refuse.input(`Disks of '${template}' need a second node; give an snode`);
  }
  if (op.snode !== undefined) {
    report.warn(`The secondary node '${op.snode}' is ignored: the storage has no mirrors`);
  }
  return undefined;
}
