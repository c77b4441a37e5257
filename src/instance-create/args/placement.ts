/**
 * Who decides where the instance lives: the operator, an allocator, or whoever reserved its place.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { Reporter } from '../../ports/reporter.js';
import { nodeRef } from '../look-up-node.js';
import type { CreateOp } from '../op.js';
import type { NodeRef, PlacedByAllocator, Placement } from '../wishes.js';

/** Stands for the cluster's default allocator (Ganeti's shortcut). */
const DEFAULT_ALLOCATOR = '.';

/** The placement that the request asks for. */
export function readPlacement(
  op: CreateOp,
  template: DiskTemplate,
  cluster: Cluster,
  report: Reporter,
): Placement<NodeRef> {
  const primary = nodeRef(op.pnode, op.pnodeUuid);
  if (primary === undefined) return placedByAllocator(op, cluster);
  if (op.iallocator !== undefined) {
    refuse.input('Both pnode and iallocator are given; give one of them');
  }
  if (op.opportunisticLocking === true) {
    refuse.input('opportunisticLocking is for allocators; leave it out, or leave pnode out');
  }
  const secondary = readSecondary(op, template, report);
  return { by: 'operator', primary, ...(secondary === undefined ? {} : { secondary }) };
}

function placedByAllocator(op: CreateOp, cluster: Cluster): PlacedByAllocator {
  const { groupName } = op;
  return {
    by: 'allocator',
    allocator: allocatorName(op, cluster),
    opportunistic: op.opportunisticLocking ?? false,
    ...(groupName === undefined ? {} : { groupName }),
  };
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
