/**
 * Locks: who may ask for what is free only.
 */
import { readPlacement } from '../../../src/instance-create/args/placement.js';
import type { NodeId } from '../../../src/model/ids.js';
import { newCluster } from '../../../src/model/new-objects.js';
import { Reports } from '../../../src/reports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import type { FunctionTable } from './types.js';

interface LockOp {
  readonly opportunistic_locking?: boolean;
  readonly iallocator?: string;
}

/** The functions. */
export const TABLE: FunctionTable = {
  CheckOpportunisticLocking: (args) => {
    const { opportunistic_locking: opportunisticLocking, iallocator } = args.get<LockOp>('op');
    const op = {
      instanceName: 'i',
      mode: 'create',
      disks: [],
      nics: [],
      ...(opportunisticLocking === undefined ? {} : { opportunisticLocking }),
      ...(iallocator === undefined ? { pnode: 'n' } : { iallocator }),
    } as const;
    const cluster = newCluster({ id: 'c', name: 'c', masterNode: 'n' as NodeId });
    readPlacement(op, 'plain', cluster, new Reports(new ManualClock()));
  },
};
