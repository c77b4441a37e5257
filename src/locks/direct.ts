/**
 * What is decided at a lock itself, without a look at its whole level or at what else a request
 * wants. That is nearly all there ever is to decide. The answers are those of `obstacles` and
 * `progress`, which see to the rest: this is their case without anything special about it.
 *
 * S1 A level is open while nobody holds it as a whole and nobody stands before it. Then only owners
 *    of a lock, and those in its line, keep others from the lock.
 * S2 A line is plain while all who stand in it want this lock only. What is given back there goes
 *    to the first ones of the line, as far as they agree with the owners, and to nobody else.
 */
import type { LockName } from '../model/lock.js';
import type { LockRequest, OwnerId } from '../ports/lock-manager.js';
import { type Heads, isFront } from './heads.js';
import { clash, Grant, type Hold } from './hold.js';
import { compareNames, rankOf, SET_LOCKS } from './level.js';
import type { Ledger, Tally } from './ledger.js';
import type { Line } from './line.js';
import type { Lines } from './lines.js';
import type { OwnerEntry, Owners } from './owners.js';
import type { Turns } from './turns.js';
import { type Claim, Waiter } from './waiter.js';

/** The parts of a queue's state that are looked at and changed. */
export interface DirectParts {
  readonly owners: Owners;
  readonly locks: Heads<Line<Claim>>;
  readonly ledger: Ledger;
  readonly lines: Lines;
  readonly turns: Turns;
}

/** What decides whether a level is open; see S1. */
interface Level {
  readonly tally: Tally;
  /** Those who stand before it. */
  readonly whole: Line<Claim>;
}

export class Direct {
  readonly #owners: Owners;
  readonly #locks: Heads<Line<Claim>>;
  readonly #ledger: Ledger;
  readonly #lines: Lines;
  readonly #turns: Turns;
  readonly #levels: readonly Level[];

  constructor({ owners, locks, ledger, lines, turns }: DirectParts) {
    this.#owners = owners;
    this.#locks = locks;
    this.#ledger = ledger;
    this.#lines = lines;
    this.#turns = turns;
    this.#levels = SET_LOCKS.map((_, rank) => ({
      tally: ledger.tally(rank),
      whole: lines.level(rank).whole,
    }));
  }

  /** What is held on a level, if it is open; see S1. */
  open(rank: number): Tally | undefined {
    const level = this.#levels[rank];
    return level === undefined || level.tally.set !== undefined || level.whole.size > 0
      ? undefined
      : level.tally;
  }

  /**
   * Grants a request for one lock, or lets it wait; answers with the hold, or the waiter. Nothing:
   * that is not decided here, and nothing was changed. `entry`: that of its owner.
   */
  ask(
    owner: OwnerId,
    entry: OwnerEntry | undefined,
    request: LockRequest,
    nowMs: number,
    priority: number,
  ): Grant | Waiter | undefined {
    const { lock, mode } = request;
    const top = entry?.head;
    const place = this.#locks.entry(lock);
    const rank = place === undefined ? rankOf(lock) : place.rank;
    const tally = this.open(rank);
    if (tally === undefined || !isNext(top, place, rank, lock)) return undefined;
    if (place !== undefined && (isFront(place) || clash(place, request))) {
      const waiter = new Waiter(owner, lock, rank, mode, nowMs);
      this.#turns.give(waiter, priority, nowMs);
      if (!isFront(place) || place.excludes(waiter)) return this.#stand(waiter, entry, place);
    }
    const hold = new Grant(owner, lock, rank, mode, nowMs);
    this.#ledger.enter(hold, top, place, tally);
    this.#owners.replace(owner, entry, hold);
    return hold;
  }

  /**
   * Grants several requests if nobody holds or waits for any of the locks in a way that excludes
   * them, and if they ascend from what the owner has; answers whether it did. `entry`: as there.
   */
  take(
    owner: OwnerId,
    entry: OwnerEntry | undefined,
    requests: readonly LockRequest[],
    nowMs: number,
  ): boolean {
    const top = entry?.head;
    let highest = top;
    for (const request of requests) {
      const hold = this.#holdAbove(highest, owner, request, nowMs);
      if (hold === undefined) return false;
      highest = hold;
    }
    for (let hold = highest; hold !== top && hold !== undefined; hold = hold.lower) {
      this.#ledger.enter(hold, hold.lower, hold.older, this.#ledger.tally(hold.rank));
    }
    if (highest !== top) this.#owners.replace(owner, entry, highest);
    return true;
  }

  /** Takes the only hold of an owner back; answers with the line at its lock. */
  giveBack(hold: Hold, entry: OwnerEntry, tally: Tally): Line<Claim> | undefined {
    const place = this.#locks.entryBefore(hold.lock, hold);
    this.#owners.expect(hold.newer);
    this.#owners.replace(hold.owner, entry, undefined);
    this.#ledger.leave(hold, place, tally);
    return place !== undefined && isFront(place) ? place : undefined;
  }

  /** Grants a plain line's lock to those who come first, at most so many; see S2. */
  handOn(line: Line<Claim>, nowMs: number, most: number): readonly Waiter[] {
    const first = this.#seatFirst(line, nowMs);
    if (first === undefined) return [];
    const granted = [first];
    this.#owners.expect(first);
    while (granted.length < most) {
      const next = this.#seatFirst(line, nowMs);
      if (next === undefined) break;
      granted.push(next);
    }
    if (line.size === 0) this.#lines.close(line);
    return granted;
  }

  #holdAbove(
    below: Hold | undefined,
    owner: OwnerId,
    request: LockRequest,
    nowMs: number,
  ): Hold | undefined {
    const { lock, mode } = request;
    const place = this.#locks.entry(lock);
    const rank = place === undefined ? rankOf(lock) : place.rank;
    if (this.open(rank) === undefined || !isNext(below, place, rank, lock)) return undefined;
    if (place !== undefined && (isFront(place) || clash(place, request))) return undefined;
    const hold = new Grant(owner, lock, rank, mode, nowMs);
    hold.lower = below;
    hold.older = place;
    return hold;
  }

  #stand(waiter: Waiter, entry: OwnerEntry | undefined, place: Hold | Line<Claim>): Waiter {
    const line = isFront(place) ? place : this.#lines.open(waiter, place);
    waiter.parked = waiter;
    this.#lines.enter(waiter, line);
    this.#owners.open(waiter, entry);
    return waiter;
  }

  /** The first of a plain line gets the lock, if its owners let it. */
  #seatFirst(line: Line<Claim>, nowMs: number): Waiter | undefined {
    const waiter = line.firstMayGo ? line.shift()?.waiter : undefined;
    if (waiter === undefined) return undefined;
    waiter.line = undefined;
    waiter.parked = undefined;
    waiter.sinceMs = nowMs;
    this.#ledger.enter(waiter, waiter.account?.head, line, this.#ledger.tally(waiter.rank));
    this.#owners.seat(waiter, waiter);
    return waiter;
  }
}

/**
 * Whether a lock of an open level is that of an object, and lies above all that its owner has.
 * `place`: what there is at the lock; there is nothing at that of an open level as a whole.
 */
function isNext(
  top: Hold | undefined,
  place: Hold | Line<Claim> | undefined,
  rank: number,
  lock: LockName,
): boolean {
  if (place === undefined && lock === SET_LOCKS[rank]) return false;
  if (top === undefined || rank > top.rank) return true;
  return rank === top.rank && compareNames(rank, top.lock, lock) < 0;
}
