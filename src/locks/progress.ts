/**
 * How far a request gets: either all of it is granted, or it is parked at the first of its locks
 * where somebody is in its way.
 */
import { type Allocation, inOrder } from './allocation.js';
import { freeCandidates } from './choice.js';
import type { Lines } from './lines.js';
import type { Obstacles } from './obstacles.js';
import type { Parking } from './parking.js';
import type { Choice, Claim, Waiter } from './waiter.js';

/** The parts of a queue's state that decide it. */
export interface ProgressParts {
  readonly allocation: Allocation;
  readonly lines: Lines;
  readonly obstacles: Obstacles;
  readonly parking: Parking;
}

export class Progress {
  readonly #allocation: Allocation;
  readonly #lines: Lines;
  readonly #obstacles: Obstacles;
  readonly #parking: Parking;

  constructor({ allocation, lines, obstacles, parking }: ProgressParts) {
    this.#allocation = allocation;
    this.#lines = lines;
    this.#obstacles = obstacles;
    this.#parking = parking;
  }

  /** Grants a request if it can be; else parks it where it is held up now. */
  proceed(waiter: Waiter, nowMs: number): boolean {
    const { choice, parked } = waiter;
    if (choice !== undefined) return this.#choose(waiter, choice, nowMs);
    if (parked === undefined) return this.#proceedInOrder(waiter, undefined, nowMs);
    // Who is held up where it is parked keeps its claims, even if it was overtaken at one of them.
    const isAtEntry = parked.line?.kind === 'entry';
    const isBarred = isAtEntry
      ? this.#obstacles.barsEntry(waiter, parked)
      : this.#obstacles.barsLock(waiter, parked, parked.line);
    return !isBarred && this.#proceedInOrder(waiter, isAtEntry ? undefined : parked, nowMs);
  }

  /** `open`: a claim whose lock is known to be had. */
  #proceedInOrder(waiter: Waiter, open: Claim | undefined, nowMs: number): boolean {
    for (let place = 0; place <= waiter.later.length; place++) {
      const claim = waiter.claimAt(place) ?? waiter;
      if (this.#obstacles.barsEntry(waiter, claim)) {
        this.#parking.park(waiter, claim, this.#lines.level(claim.rank).entry);
        return false;
      }
      if (claim !== open && this.#obstacles.barsLock(waiter, claim)) {
        this.#parking.park(waiter, claim, this.#lines.home(claim));
        return false;
      }
    }
    waiter.parked = undefined;
    if (waiter.account !== undefined) waiter.lower = waiter.account.head;
    this.#allocation.seat(waiter, waiter.later, nowMs);
    return true;
  }

  #choose(waiter: Waiter, choice: Choice, nowMs: number): boolean {
    const free = freeCandidates(this.#obstacles, waiter, choice);
    if (free.length < choice.atLeast) {
      this.#parking.park(waiter, waiter, this.#lines.home(waiter));
      return false;
    }
    const [first, ...later] = inOrder(free.flatMap((candidate) => candidate.wants));
    if (first !== undefined) this.#allocation.grant(waiter.owner, first, later, nowMs);
    choice.granted = free.map(({ unit }) => unit);
    return true;
  }
}
