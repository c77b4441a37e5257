/**
 * One owner's part of a queue as plain data: what it holds, what it waits for, and where its
 * request is parked. All owners' images together are the whole state, so that a queue can be kept
 * anywhere and be put together again.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { LockRequest, LockUnit, OwnerId } from '../ports/lock-manager.js';
import { Allocation, inOrder, wantOf } from './allocation.js';
import { rankOf, SET_LOCKS } from './level.js';
import type { LockQueue } from './queue.js';
import { type Candidate, type Choice, Waiter } from './waiter.js';

/** A lock that is held. */
export interface HoldImage extends LockRequest {
  /** Milliseconds, of the clock with which the queue is driven. */
  readonly sinceMs: number;
}

/** What an opportunistic request chooses from. */
export interface ChoiceImage {
  readonly units: readonly LockUnit[];
  readonly mode: LockMode;
  readonly atLeast: number;
  /** Locks of the units that the owner had already when it asked. */
  readonly had: readonly LockName[];
}

/** A request that waits. */
export interface RequestImage {
  /** What the owner did not have when it asked, in ascending order; empty if it chooses. */
  readonly wants: readonly LockRequest[];
  readonly choice?: ChoiceImage;
  /** -20 (highest) to 19 (lowest). */
  readonly priority: number;
  readonly sinceMs: number;
  /** Its turn: the earlier due goes first, and among equals the lower order. */
  readonly dueMs: number;
  readonly order: number;
  /** Where it is held up: the place among `wants`, or the entry of that lock's level. */
  readonly parkedAt: number;
  readonly isAtEntry: boolean;
}

/** All of one owner. */
export interface OwnerImage {
  /** In ascending order. */
  readonly holds: readonly HoldImage[];
  readonly request?: RequestImage;
}

/** What a queue knows of an owner. */
export function imageOf(queue: LockQueue, owner: OwnerId): OwnerImage {
  const holds = queue.held(owner).map(({ lock, mode, sinceMs }) => ({ lock, mode, sinceMs }));
  const waiter = queue.waiterOf(owner);
  return waiter === undefined ? { holds } : { holds, request: requestOf(waiter) };
}

/** Puts an owner back into a queue that does not know it. Nobody is woken. */
export function enterImage(queue: LockQueue, owner: OwnerId, image: OwnerImage): void {
  for (const hold of image.holds) queue.enter(owner, wantOf(hold), hold.sinceMs);
  const { request } = image;
  if (request === undefined) return;
  const waiter = waiterOf(owner, request);
  queue.enterWaiter(waiter, waiter.claimAt(request.parkedAt) ?? waiter, request.isAtEntry);
}

/** An owner's holds alone, to which it can be asked what is missing or given back. */
export function allocationOf(owner: OwnerId, holds: readonly HoldImage[]): Allocation {
  const allocation = new Allocation();
  for (const hold of holds) allocation.enter(owner, wantOf(hold), hold.sinceMs);
  return allocation;
}

/** Whether a request is parked elsewhere than its image says. */
export function hasMoved({ claims, parked }: Waiter, image: RequestImage | undefined): boolean {
  if (image === undefined || parked === undefined) return true;
  return claims[image.parkedAt] !== parked || image.isAtEntry !== (parked.line?.kind === 'entry');
}

function requestOf(waiter: Waiter): RequestImage {
  const { priority, sinceMs, dueMs, order, choice, claims, parked = waiter } = waiter;
  const parkedAt = claims.indexOf(parked);
  const isAtEntry = parked.line?.kind === 'entry';
  const turn = { priority, sinceMs, dueMs, order, parkedAt, isAtEntry };
  if (choice === undefined) {
    return { wants: claims.map(({ lock, mode }) => ({ lock, mode })), ...turn };
  }
  const { candidates, mode, atLeast, locks } = choice;
  const units = candidates.map(({ unit }) => unit);
  const had = [...new Set(units.flat())].filter((lock) => !locks.has(lock));
  return { wants: [], choice: { units, mode, atLeast, had }, ...turn };
}

function waiterOf(owner: OwnerId, request: RequestImage): Waiter {
  const { sinceMs, dueMs, priority, order } = request;
  const choice = request.choice && choiceFrom(request.choice);
  const [first, ...later] = choice === undefined ? request.wants.map(wantOf) : [levelOf(choice)];
  if (first === undefined) throw new RangeError(`The request of '${owner}' wants nothing`);
  const waiter = new Waiter(owner, first.lock, first.rank, first.mode, sinceMs);
  waiter.priority = priority;
  waiter.dueMs = dueMs;
  waiter.order = order;
  waiter.choice = choice;
  waiter.addLater(later);
  return waiter;
}

function choiceFrom({ units, mode, atLeast, had }: ChoiceImage): Choice {
  const own = new Set(had);
  const candidates = units.map((unit): Candidate => {
    const lacks = unit.filter((lock) => !own.has(lock));
    return { unit, wants: inOrder(lacks.map((lock) => wantOf({ lock, mode }))) };
  });
  const locks = new Set(candidates.flatMap(({ wants }) => wants.map(({ lock }) => lock)));
  return { candidates, atLeast, mode, locks, granted: [] };
}

/** The claim of an opportunistic request: its lowest level as a whole. */
function levelOf({ locks, mode }: Choice): { lock: LockName; rank: number; mode: LockMode } {
  const rank = Math.min(...[...locks].map(rankOf));
  const lock = SET_LOCKS[rank];
  if (lock === undefined) throw new RangeError('A choice of nothing never waits');
  return { lock, rank, mode };
}
