/**
 * Processes that share locks, as far as etcd can tell: each has a connection, a membership and a
 * mirror of the table of its own. They live in one process here, so that one clock times both ends
 * of a hand-over; what the other one computes then counts as well.
 */
import { openSharedEtcd } from '../../src/etcd/index.js';
import { systemIds } from '../../src/local/random-ids.js';
import { systemClock } from '../../src/local/system-clock.js';
import type { LockName } from '../../src/model/lock.js';
import { type LockRequest, type OwnerId, ownerId } from '../../src/ports/lock-manager.js';
import type { SharedStore } from '../../src/ports/shared-store.js';

/** Joins the processes that share what is under this prefix. */
export function join(endpoints: readonly string[], prefix: string): Promise<SharedStore> {
  return openSharedEtcd({ endpoints, prefix, clock: systemClock(), ids: systemIds() });
}

/** An owner that nobody has had before. */
export class Owners {
  #count = 0;

  next(): OwnerId {
    return ownerId(`job-${++this.#count}`);
  }
}

/** Exclusive requests for `count` nodes, ascending. */
export function nodes(count: number, from = 0): readonly LockRequest[] {
  return Array.from({ length: count }, (_, at): LockRequest => {
    const lock: LockName = `node/${String(from + at).padStart(5, '0')}`;
    return { lock, mode: 'exclusive' };
  });
}

/** Takes locks and gives them back, each until it is written. */
export async function turn(
  { locks }: SharedStore,
  owner: OwnerId,
  requests: readonly LockRequest[],
): Promise<void> {
  await locks.acquire(owner, requests);
  await locks.release(owner, 'all');
}

/** Gives each of `owners` new owners so many locks, from node 10,000 on. */
export async function fill(
  store: SharedStore,
  names: Owners,
  { owners, locksEach }: { readonly owners: number; readonly locksEach: number },
): Promise<void> {
  const asked = Array.from({ length: owners }, (_, at) =>
    store.locks.acquire(names.next(), nodes(locksEach, 10_000 + at * locksEach)),
  );
  await Promise.all(asked);
}
