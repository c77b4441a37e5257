/**
 * Who decides where the instance lives: the operator or an allocator, never both.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import type { Reporter } from '../../ports/reporter.js';
import type { CreateOp } from '../op.js';
import type { Placement } from '../types.js';

/** Stands for the cluster's default allocator (Ganeti's shortcut). */
const DEFAULT_ALLOCATOR = '.';

/** The placement that the request asks for. */
export function readPlacement(op: CreateOp, cluster: Cluster, report: Reporter): Placement<string> {
  if (op.pnode !== undefined && op.iallocator !== undefined) {
    refuse.input('Both pnode and iallocator are given; give one of them');
  }
  if (op.snode !== undefined) {
    report.warn(`The secondary node '${op.snode}' is ignored: the storage has no mirrors`);
  }
  if (op.pnode !== undefined) {
    if (op.opportunisticLocking === true) {
      refuse.input('opportunisticLocking is for allocators; leave it out, or leave pnode out');
    }
    return { by: 'operator', primary: op.pnode };
  }
  return {
    by: 'allocator',
    allocator: allocatorName(op.iallocator, cluster),
    opportunistic: op.opportunisticLocking ?? false,
    ...(op.groupName === undefined ? {} : { groupName: op.groupName }),
  };
}

function allocatorName(given: string | undefined, cluster: Cluster): string {
  if (given !== undefined && given !== DEFAULT_ALLOCATOR) return given;
  return (
    cluster.defaultAllocator ??
    refuse.input('The cluster has no default allocator; give pnode, or an allocator by name')
  );
}
