/**
 * Locks: who may ask for what is free only, how wants are written down, how long attempts wait.
 */
import { GANETI_COMPATIBILITY } from '../../../src/compatibility.js';
import { lockAttemptTimeoutsS } from '../../../src/ganeti/lock-attempts.js';
import { readPlacement } from '../../../src/instance-create/args/placement.js';
import { everyone, exclusive } from '../../../src/locks/plan.js';
import type { NodeId } from '../../../src/model/ids.js';
import { newCluster } from '../../../src/model/new-objects.js';
import { Reports } from '../../../src/reports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { neededOf } from '../run/lock-record.js';
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
    const report = new Reports(new ManualClock());
    const compatibility = GANETI_COMPATIBILITY;
    readPlacement(op, 'plain', { cluster, compatibility, report });
  },
  /** Wants never change, so one can stand for two levels; the peer has to copy its lists. */
  CopyLockList: (args) => {
    const names = args.get<'ALL' | readonly string[]>('names');
    return neededOf(names === 'ALL' ? everyone('exclusive') : exclusive(...names));
  },
  LockAttemptTimeouts: () => lockAttemptTimeoutsS(),
};
