/**
 * What keeps a request waiting: owners, and waiting requests that have precedence over it. This is
 * the one place that says who is in whose way; `queue` decides what follows from it. It only looks.
 */
import type { LockBlocker } from '../errors.js';
import type { Allocation } from './allocation.js';
import { clash, type Want } from './hold.js';
import type { Line } from './line.js';
import { isSet, type Lines } from './lines.js';
import type { Claim, Waiter } from './waiter.js';

export class Obstacles {
  readonly #allocation: Allocation;
  readonly #lines: Lines;

  constructor(allocation: Allocation, lines: Lines) {
    this.#allocation = allocation;
    this.#lines = lines;
  }

  /** Whether a waiter may not enter the level of a lock of a single object. */
  barsEntry(waiter: Waiter, want: Want): boolean {
    if (isSet(want)) return false;
    if (this.#allocation.levelIsTaken(want)) return true;
    const { whole } = this.#lines.level(want.rank);
    if (whole.size === 0 || this.#allocation.isInside(waiter.owner, want.rank)) return false;
    for (const claim of whole.ahead(waiter)) if (claimsLevelAgainst(claim, want)) return true;
    return false;
  }

  /**
   * Whether a waiter that has entered the level may not have the lock. `line`: the one for the
   * lock, if it is known.
   */
  barsLock(waiter: Waiter, want: Want, line = this.#lines.at(want.lock)): boolean {
    const { mode } = want;
    if (!isSet(want)) {
      if (this.#allocation.lockIsTaken(want, line?.head)) return true;
      return line?.hasClashAhead(waiter, mode) === true;
    }
    if (this.#allocation.lockIsTaken(want)) return true;
    const { locks, entry, whole } = this.#lines.level(want.rank);
    if (whole.hasClashAhead(waiter, mode) || entry.hasClashAhead(waiter, mode)) return true;
    for (const line of locks) if (line.hasClashAhead(waiter, mode)) return true;
    return false;
  }

  /** Whether nobody is in a waiter's way at a lock. */
  isFree(waiter: Waiter, want: Want): boolean {
    return !this.barsEntry(waiter, want) && !this.barsLock(waiter, want);
  }

  /** Those in a waiter's way, owners and waiters, by lock; up to a limit. */
  blockers(waiter: Waiter, limit: number): LockBlocker[] {
    const blockers: LockBlocker[] = [];
    for (const want of wantsOf(waiter)) {
      for (const blocker of this.#blockersAt(waiter, want)) {
        if (blockers.length >= limit) return blockers;
        blockers.push(blocker);
      }
    }
    return blockers;
  }

  *#blockersAt(waiter: Waiter, want: Want): Generator<LockBlocker> {
    const owners = this.#allocation.blockers(want);
    yield* owners;
    const known = new Set<string>(owners.map(({ owner }) => owner));
    for (const claim of this.#claimsAgainst(waiter, want)) {
      const { owner, sinceMs } = claim.waiter;
      if (!known.has(owner)) yield { lock: want.lock, owner, sinceMs };
      known.add(owner);
    }
  }

  *#claimsAgainst(waiter: Waiter, want: Want): Generator<Claim> {
    const { locks, entry, whole } = this.#lines.level(want.rank);
    if (!isSet(want)) {
      const line = this.#lines.at(want.lock);
      if (line !== undefined) yield* ahead(line, waiter, (claim) => clash(claim, want));
      if (this.#allocation.isInside(waiter.owner, want.rank)) return;
      yield* ahead(whole, waiter, (claim) => claimsLevelAgainst(claim, want));
      return;
    }
    for (const line of [whole, entry, ...locks]) {
      yield* ahead(line, waiter, (claim) => clash(claim, want));
    }
  }
}

/** Whether a claim to a level concerns a lock of a single object. */
function claimsLevelAgainst(claim: Claim, want: Want): boolean {
  const { choice } = claim.waiter;
  return clash(claim, want) && (choice === undefined || choice.locks.has(want.lock));
}

function wantsOf({ choice, claims }: Waiter): readonly Want[] {
  return choice === undefined ? claims : choice.candidates.flatMap(({ wants }) => wants);
}

function* ahead(
  line: Line<Claim>,
  waiter: Waiter,
  fits: (claim: Claim) => boolean,
): Generator<Claim> {
  for (const claim of line.ahead(waiter)) if (fits(claim)) yield claim;
}
