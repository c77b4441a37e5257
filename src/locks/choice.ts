/**
 * Opportunistic requests: what they choose from, and which of it is free.
 */
import type { LockMode } from '../model/lock.js';
import type { LockUnit, OwnerId } from '../ports/lock-manager.js';
import type { Allocation } from './allocation.js';
import type { Obstacles } from './obstacles.js';
import type { Candidate, Choice, Waiter } from './waiter.js';

/** What an owner chooses from. Throws `LockOrderError` if it might not wait for a candidate. */
export function choiceOf(
  allocation: Allocation,
  owner: OwnerId,
  candidates: readonly LockUnit[],
  mode: LockMode,
  atLeast: number,
): Choice {
  const parts = candidates.map((unit): Candidate => {
    const requests = unit.map((lock) => ({ lock, mode }));
    return { unit, wants: allocation.missing(owner, requests) };
  });
  const locks = new Set(parts.flatMap(({ wants }) => wants.map(({ lock }) => lock)));
  return { candidates: parts, atLeast, mode, locks, granted: [] };
}

/** The candidates all of whose locks can be had at once. */
export function freeCandidates(
  obstacles: Obstacles,
  waiter: Waiter,
  { candidates }: Choice,
): readonly Candidate[] {
  return candidates.filter(({ wants }) => wants.every((want) => obstacles.isFree(waiter, want)));
}
