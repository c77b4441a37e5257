/**
 * What an attempt wanted locked and held, in the words of the recording.
 */
import { LOCK_LEVELS, type PlannedLevel } from '../../../src/locks/level.js';
import type { LockPlan, LockWant } from '../../../src/locks/plan.js';
import { MOMENTS, type OwnedLocks, type RecordedLocks } from '../vectors/types.js';
import type { SeenAttempt } from '../world/observed-create.js';

const LEVELS = LOCK_LEVELS.filter((level): level is PlannedLevel => level !== 'cluster');

/** The record of an attempt; null if it failed before it said what to lock. */
export function lockRecord({ plan, settled, owned }: SeenAttempt): RecordedLocks | null {
  if (plan === undefined) return null;
  const wants = wantsOf(plan);
  return {
    needed_locks: pick(wants, neededOf),
    add_locks: pick(wants, addedOf),
    share_locks: pick(wants, ({ mode }) => (mode === 'shared' ? 1 : undefined)),
    opportunistic_locks: pick(wants, ({ want }) => (want === 'available' ? true : undefined)),
    opportunistic_locks_count: pick(wants, countOf),
    needed_locks_after_declare: pick(settled, neededOf),
    owned: Object.fromEntries(
      MOMENTS.map((moment) => [moment, owned.get(moment) ?? null]),
    ) as Record<(typeof MOMENTS)[number], OwnedLocks | null>,
  };
}

/** Ganeti writes down for the nodes' resources what it wants of the nodes until it knows better. */
function wantsOf(plan: LockPlan): ReadonlyMap<PlannedLevel, LockWant> {
  const wants = new Map<PlannedLevel, LockWant>();
  for (const level of LEVELS) {
    const planned = plan[level] === 'deferred' ? plan.node : plan[level];
    if (planned !== undefined && planned !== 'deferred') wants.set(level, planned);
  }
  return wants;
}

/** What of a level is wanted that is there already; `undefined`: nothing. */
export function neededOf(want: LockWant): 'ALL' | readonly string[] | undefined {
  if (want.want === 'all') return 'ALL';
  if (want.want === 'available') return want.among === 'all' ? 'ALL' : want.among;
  return want.names.length === 0 && want.adds !== undefined ? undefined : want.names;
}

function addedOf(want: LockWant): readonly string[] | undefined {
  return want.want === 'names' ? want.adds : undefined;
}

function countOf(want: LockWant): number | undefined {
  return want.want === 'available' && want.atLeast !== 1 ? want.atLeast : undefined;
}

function pick<T>(
  wants: ReadonlyMap<PlannedLevel, LockWant>,
  read: (want: LockWant) => T | undefined,
): Record<string, T> {
  const found: Record<string, T> = {};
  for (const [level, want] of wants) {
    const value = read(want);
    if (value !== undefined) found[level] = value;
  }
  return found;
}
