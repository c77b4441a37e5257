/**
 * The books of who holds what. No rule is decided here; `allocation` does that. Nothing is kept for
 * locks and owners that hold nothing, so an idle cluster of any size costs nothing.
 *
 * Each hold stands in two chains: that of its owner, highest lock first, and that of its lock,
 * newest owner first. Chains instead of sets, because most owners hold few locks and most locks
 * have one owner: it halves the memory of a held lock and keeps the common path free of sets.
 *
 * B1 An owner's chain descends in the order of locks, so its head is the owner's highest lock.
 * B2 A lock's chain has one exclusive hold, or any number of shared ones.
 */
import type { LockName } from '../model/lock.js';
import type { OwnerId } from '../ports/lock-manager.js';
import type { Front, Heads } from './heads.js';
import { Grant, type Hold, type Want } from './hold.js';
import { compareLocks, SET_LOCKS } from './level.js';
import type { OwnerEntry, Owners } from './owners.js';

/** What is held on one level. */
export interface Tally {
  /** Number of shared holds on locks of single objects. */
  shared: number;
  /** Number of exclusive holds on locks of single objects. */
  exclusive: number;
  /** The newest hold on the whole-set lock. */
  set: Hold | undefined;
}

/** What there is at a lock: its newest hold, or a front that keeps it. */
type Place = Hold | Front | undefined;

/** Where the chains begin. A queue shares them, to know who waits. */
export interface Books {
  readonly owners: Owners;
  readonly locks: Heads<Front>;
}

export class Ledger {
  readonly #owners: Owners;
  readonly #locks: Heads<Front>;
  readonly #tallies: readonly Tally[] = SET_LOCKS.map(() => ({
    shared: 0,
    exclusive: 0,
    set: undefined,
  }));

  constructor({ owners, locks }: Books) {
    this.#owners = owners;
    this.#locks = locks;
  }

  /** What the book of owners has for one. */
  entry(owner: OwnerId): OwnerEntry | undefined {
    return this.#owners.entry(owner);
  }

  /** The highest lock that an owner holds. */
  top(owner: OwnerId): Hold | undefined {
    return this.#owners.head(owner);
  }

  /** The newest hold on a lock. */
  newest(lock: LockName): Hold | undefined {
    return this.#locks.head(lock);
  }

  /** What is held on a level. */
  tally(rank: number): Tally {
    const tally = this.#tallies[rank];
    if (tally === undefined) throw new RangeError(`There is no lock level ${rank}`);
    return tally;
  }

  /** Walks both chains in step, so that the shorter one decides what it costs. */
  find(owner: OwnerId, lock: LockName): Hold | undefined {
    let ofOwner = this.#owners.head(owner);
    let ofLock = ofOwner === undefined ? undefined : this.#locks.head(lock);
    while (ofOwner !== undefined && ofLock !== undefined) {
      if (ofLock.owner === owner) return ofLock;
      if (ofOwner.lock === lock) return ofOwner;
      ofOwner = ofOwner.lower;
      ofLock = ofLock.older;
    }
    return undefined;
  }

  /** Enters a hold above all that the owner has, and further ones above it in ascending order. */
  append(owner: OwnerId, first: Want, later: readonly Want[], sinceMs: number): void {
    const entry = this.#owners.entry(owner);
    let top = this.#stack(owner, entry?.head, first, sinceMs);
    for (const want of later) top = this.#stack(owner, top, want, sinceMs);
    this.#owners.replace(owner, entry, top);
  }

  /**
   * Enters a hold on an object's lock above the highest of its owner. `place`: what there is at the
   * lock; `tally`: that of its level. The owner's entry is the caller's to change.
   */
  enter(hold: Hold, top: Hold | undefined, place: Place, tally: Tally): void {
    pile(hold, top);
    this.#linkLock(hold, place);
    count(tally, hold, 1);
  }

  /** Takes back what `enter` entered, but for the owner's chain. `place`, `tally`: as there. */
  leave(hold: Hold, place: Place, tally: Tally): void {
    this.#unlinkLock(hold, place);
    count(tally, hold, -1);
  }

  /** Makes claims holds, the lowest first. The owner's entry is the caller's to change. */
  seat(first: Hold, later: readonly Hold[], sinceMs: number): void {
    first.sinceMs = sinceMs;
    this.#place(first, first.lower);
    let top = first;
    for (const claim of later) {
      claim.sinceMs = sinceMs;
      this.#place(claim, top);
      top = claim;
    }
  }

  /** Enters a hold that may lie below others of its owner. */
  insert(owner: OwnerId, want: Want, sinceMs: number): void {
    const hold = new Grant(owner, want.lock, want.rank, want.mode, sinceMs);
    const entry = this.#owners.entry(owner);
    let lower = entry?.head;
    while (lower !== undefined && compareLocks(lower, hold) > 0) {
      hold.higher = lower;
      lower = lower.lower;
    }
    hold.lower = lower;
    if (lower !== undefined) lower.higher = hold;
    if (hold.higher === undefined) this.#owners.replace(owner, entry, hold);
    else hold.higher.lower = hold;
    this.#linkLock(hold, this.#locks.entry(hold.lock));
    this.#count(hold, 1);
  }

  /** Strikes a hold out. */
  remove(hold: Hold): void {
    const { higher, lower } = hold;
    if (lower !== undefined) lower.higher = higher;
    if (higher !== undefined) higher.lower = lower;
    else this.#owners.replace(hold.owner, this.#owners.entry(hold.owner), lower);
    this.#withdraw(hold);
  }

  /** Strikes out all that an owner has, whose entry is known; answers with its highest hold. */
  removeAll(owner: OwnerId, entry: OwnerEntry | undefined): Hold | undefined {
    const top = entry?.head;
    if (top !== undefined) this.#owners.replace(owner, entry, undefined);
    for (let hold: Hold | undefined = top; hold !== undefined; hold = hold.lower) {
      this.#withdraw(hold);
    }
    return top;
  }

  /** Makes an exclusive hold shared. */
  soften(hold: Hold): void {
    this.#count(hold, -1);
    hold.mode = 'shared';
    this.#count(hold, 1);
  }

  /** An owner's holds, lowest lock first. */
  ofOwner(owner: OwnerId): Hold[] {
    const holds: Hold[] = [];
    for (let hold = this.#owners.head(owner); hold !== undefined; hold = hold.lower) {
      holds.push(hold);
    }
    return holds.reverse();
  }

  /** The newest hold of each lock that is held, in no particular order. */
  locks(): Iterable<Hold> {
    return this.#locks.all();
  }

  #stack(owner: OwnerId, top: Hold | undefined, want: Want, sinceMs: number): Hold {
    const hold = new Grant(owner, want.lock, want.rank, want.mode, sinceMs);
    this.#place(hold, top);
    return hold;
  }

  #place(hold: Hold, top: Hold | undefined): void {
    pile(hold, top);
    this.#linkLock(hold, this.#locks.entry(hold.lock));
    this.#count(hold, 1);
  }

  /** What there is at the lock matters only if the hold is the newest. */
  #withdraw(hold: Hold): void {
    const isNewest = hold.newer === undefined;
    this.#unlinkLock(hold, isNewest ? this.#locks.entryBefore(hold.lock, hold) : undefined);
    const tally = this.tally(hold.rank);
    // Where nobody holds the level as a whole this is no hold on it, and names need no comparing.
    if (tally.set === undefined) count(tally, hold, -1);
    else this.#count(hold, -1);
  }

  #linkLock(hold: Hold, place: Place): void {
    const older = place?.head;
    if (older !== undefined) {
      hold.older = older;
      older.newer = hold;
    }
    this.#locks.replace(hold.lock, place, hold);
  }

  #unlinkLock({ lock, newer, older }: Hold, place: Place): void {
    if (older !== undefined) older.newer = newer;
    if (newer !== undefined) newer.older = older;
    else this.#locks.replace(lock, place, older);
  }

  #count(hold: Hold, change: number): void {
    const tally = this.tally(hold.rank);
    if (hold.lock !== SET_LOCKS[hold.rank]) count(tally, hold, change);
    else tally.set = this.#locks.head(hold.lock);
  }
}

function count(tally: Tally, { mode }: Hold, change: number): void {
  if (mode === 'shared') tally.shared += change;
  else tally.exclusive += change;
}

/** Who waited may still know a hold that its owner has given back meanwhile. */
function pile(hold: Hold, top: Hold | undefined): void {
  hold.lower = top;
  if (top !== undefined) top.higher = hold;
}
