/**
 * The state of the locks in words and as plain data, so that a wait explains itself.
 */
import type { LockBlocker } from '../errors.js';
import type { LockName } from '../model/lock.js';
import type {
  LockHolder,
  LockReport,
  LockStatus,
  OwnerId,
  PendingRequest,
} from '../ports/lock-manager.js';
import type { Hold } from './hold.js';
import { compareLocks } from './level.js';
import { precedes } from './line.js';
import type { LockQueue } from './queue.js';
import type { Waiter } from './waiter.js';

/** How many blockers a message names. */
const MAX_NAMED = 3;

/** How many blockers a report lists per request: all would grow with the square of a queue. */
const MAX_LISTED = 100;

/** All that is held and all that waits. */
export function report(queue: LockQueue): LockReport {
  const locks = [...queue.locks()].sort(compareLocks).map(statusOf);
  const waiters = [...queue.waiting()].sort((a, b) => (precedes(a, b) ? -1 : 1));
  return { locks, pending: waiters.map((waiter) => pendingOf(queue, waiter)) };
}

/** What went wrong, who was in the way, and what to do. */
export function describeTimeout(
  owner: OwnerId,
  wanted: readonly LockName[],
  timeoutMs: number,
  blockers: readonly LockBlocker[],
): string {
  const inTheWay = blockers.map((blocker) => `'${blocker.owner}' at ${blocker.lock}`);
  const what = `'${owner}' did not get ${shorten(wanted)} within ${timeoutMs} ms`;
  if (inTheWay.length === 0) {
    return `${what}; the store of the locks has not answered. Try again, or wait longer`;
  }
  return `${what}; in the way: ${shorten(inTheWay)}. Try again when they are done, or wait longer`;
}

/** All locks that a request may need. */
export function locksWantedBy({ choice, claims }: Waiter): readonly LockName[] {
  return choice === undefined ? claims.map(({ lock }) => lock) : [...choice.locks];
}

function statusOf(newest: Hold): LockStatus {
  const owner: LockHolder[] = [];
  for (let hold: Hold | undefined = newest; hold !== undefined; hold = hold.older) {
    owner.push({ owner: hold.owner, sinceMs: hold.sinceMs });
  }
  return { name: newest.lock, mode: newest.mode, owner: owner.reverse() };
}

function pendingOf(queue: LockQueue, waiter: Waiter): PendingRequest {
  const { owner, priority, sinceMs, claims, choice } = waiter;
  const blockers = queue.blockers(waiter, MAX_LISTED);
  if (choice === undefined) {
    const wants = claims.map(({ lock, mode }) => ({ lock, mode }));
    return { owner, priority, sinceMs, wants, blockers };
  }
  const { mode, atLeast } = choice;
  const wants = [...choice.locks].map((lock) => ({ lock, mode }));
  return { owner, priority, sinceMs, wants, atLeast, blockers };
}

function shorten(texts: readonly string[]): string {
  const named = texts.slice(0, MAX_NAMED).join(', ');
  return texts.length > MAX_NAMED ? `${named} and ${texts.length - MAX_NAMED} more` : named;
}
