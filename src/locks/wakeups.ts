/**
 * Who is to be looked at again because something became free. It may name waiters that turn out to
 * be held up still, but it never leaves out one that could go.
 *
 * U1 Waiters are looked at in order of precedence. What one of them does can only help those behind
 *    it, so each is looked at once.
 * U2 At a lock only the first that is parked there is woken, and the next one when it leaves.
 */
import type { LockName } from '../model/lock.js';
import type { Allocation } from './allocation.js';
import type { Want } from './hold.js';
import { Line, precedes } from './line.js';
import { isSet, type Lines } from './lines.js';
import type { Claim, Waiter } from './waiter.js';

export class Wakeups {
  readonly #allocation: Allocation;
  readonly #lines: Lines;
  /** Claims of opportunistic requests, which may be met by locks of several levels. */
  readonly #choosers = new Line<Claim>('whole', 0, 'cluster/');
  readonly #woken = new Line<Claim>('whole', 0, 'cluster/');

  constructor(allocation: Allocation, lines: Lines) {
    this.#allocation = allocation;
    this.#lines = lines;
  }

  /** The next waiter to look at. */
  next(): Waiter | undefined {
    const waiter = this.#woken.shift()?.waiter;
    if (waiter !== undefined) waiter.isWoken = false;
    return waiter;
  }

  /** A lock was given back, or made shared. */
  given(want: Want): void {
    if (isSet(want)) this.#wakeEntry(want.rank, undefined);
    else this.#wakeNext(this.#lines.at(want.lock), undefined);
    this.#wakeWhole(want.rank, undefined);
    this.#wakeChoosers(want, undefined);
  }

  /** A claim left its line. */
  left(claim: Claim, line: Line<Claim>): void {
    const { waiter, rank } = claim;
    if (line.kind === 'lock') this.#wakeNext(line, waiter);
    if (line.kind === 'whole') this.#wakeEntry(rank, waiter);
    if (line.kind !== 'entry') this.#wakeChoosers(claim, waiter);
    this.#wakeWhole(rank, waiter);
  }

  /** A waiter is no longer parked at a claim that still stands. */
  movedOn(claim: Claim): void {
    if (claim.line?.kind === 'lock') this.#wakeNext(claim.line, claim.waiter);
  }

  /** Whether opportunistic requests wait. */
  get hasChoosers(): boolean {
    return this.#choosers.size > 0;
  }

  /** An opportunistic request came. */
  addChooser(claim: Claim): void {
    this.#choosers.add(claim);
  }

  /** An opportunistic request ended. */
  removeChooser(claim: Claim): void {
    this.#choosers.remove(claim);
  }

  /** A waiter is to be looked at, for whatever reason. */
  wake(claim: Claim): void {
    if (claim.waiter.isWoken) return;
    claim.waiter.isWoken = true;
    this.#woken.add(claim);
  }

  #wakeNext(line: Line<Claim> | undefined, behind: Waiter | undefined): void {
    const next = line?.firstBehind(behind, isParkedHere);
    if (next !== undefined && !this.#allocation.lockIsTaken(next, line?.head)) this.wake(next);
  }

  /** Requests for whole levels that owners no longer keep from being met. */
  #wakeWhole(rank: number, behind: Waiter | undefined): void {
    const { whole } = this.#lines.level(rank);
    if (whole.size === 0) return;
    for (const claim of whole.behind(behind)) {
      const isChooser = claim.waiter.choice !== undefined;
      if (isChooser || !isParkedHere(claim) || this.#allocation.lockIsTaken(claim)) continue;
      this.wake(claim);
    }
  }

  /** Those at an entry, but for the ones that an exclusive request for the whole level holds up. */
  #wakeEntry(rank: number, behind: Waiter | undefined): void {
    const { entry, whole } = this.#lines.level(rank);
    if (entry.size === 0) return;
    const bar = whole.firstBehind(undefined, isForAllExclusively)?.waiter;
    for (const claim of entry.behind(behind)) {
      if (this.#allocation.levelIsTaken(claim)) continue;
      const isBarred = bar !== undefined && precedes(bar, claim.waiter);
      if (isBarred && !this.#allocation.isInside(claim.waiter.owner, rank)) continue;
      this.wake(claim);
    }
  }

  #wakeChoosers(want: Want, behind: Waiter | undefined): void {
    if (this.#choosers.size === 0) return;
    for (const claim of this.#choosers.behind(behind)) {
      if (isSet(want) || mayUse(claim.waiter, want.lock)) this.wake(claim);
    }
  }
}

function isParkedHere(claim: Claim): boolean {
  return claim.waiter.parked === claim;
}

function isForAllExclusively(claim: Claim): boolean {
  return claim.waiter.choice === undefined && claim.mode === 'exclusive';
}

function mayUse({ choice }: Waiter, lock: LockName): boolean {
  return choice?.locks.has(lock) === true;
}
