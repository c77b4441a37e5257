/**
 * Who waits, in which order, and who goes next: the pure queue on top of the allocation. Time is an
 * argument and nobody is called back; whoever changes something is told which waiters that let go.
 *
 * Q1 A request is met as a whole. Until then it is parked at one of its locks, where somebody is
 *    truly in its way, and has claims to its locks up to there, as if it took them one by one.
 * Q2 A claim holds up every request without precedence (see `waiter.ts`) that clashes with it.
 * Q3 Requests for a whole level, or for what is free in it, stand before the level and hold up
 *    those without precedence who come to enter it. Who holds something in the level is inside and
 *    goes on: the ones before the level wait for such owners.
 * Q4 No ring of waiters: from a waiter to whom it waits for, the lock where one is parked never
 *    falls in the order of locks (the entry lies before its level), and where it stays the same,
 *    precedence rises. Claims end where a request is parked, and Q3 exempts who is inside, to keep
 *    this true.
 * Q5 What is given back wakes the first that is parked there, and the next one only when that one
 *    leaves: if it stays, all behind it stay.
 */
import { type LockBlocker, ProgrammerError } from '../errors.js';
import type { LockMode, LockName } from '../model/lock.js';
import type { LockRequest, LockUnit, OwnerId } from '../ports/lock-manager.js';
import { Allocation, inOrder } from './allocation.js';
import { choiceOf, freeCandidates } from './choice.js';
import type { Hold, Want } from './ledger.js';
import { rankOf, SET_LOCKS } from './level.js';
import type { Line } from './line.js';
import { Lines } from './lines.js';
import { Obstacles } from './obstacles.js';
import { Register } from './register.js';
import { type Choice, type Claim, type Turn, Waiter } from './waiter.js';
import { Wakeups } from './wakeups.js';

/** No waiter was let go. */
const NOBODY: readonly Waiter[] = [];

/** No further locks are wanted. */
const NOTHING: readonly Want[] = [];

export class LockQueue {
  readonly #allocation = new Allocation();
  readonly #waiting = new Register<OwnerId, Waiter>('' as OwnerId);
  readonly #lines = new Lines();
  readonly #obstacles = new Obstacles(this.#allocation, this.#lines);
  readonly #wakeups = new Wakeups(this.#allocation, this.#lines);
  readonly #agingMs: number;
  #order = 0;

  constructor(agingMs: number) {
    this.#agingMs = agingMs;
  }

  /** Grants all requests, or answers with the waiter that now stands for them. */
  request(
    owner: OwnerId,
    requests: readonly LockRequest[],
    nowMs: number,
    priority: number,
  ): Waiter | undefined {
    this.#refuseSecond(owner);
    const only = requests[0];
    if (only !== undefined && requests.length === 1) {
      const want = this.#allocation.takeOne(owner, only, nowMs, this.isQuiet);
      return want && this.#requestWants(owner, want, NOTHING, nowMs, priority);
    }
    const wants = this.#allocation.missing(owner, requests);
    const first = wants[0];
    return first && this.#requestWants(owner, first, wants.slice(1), nowMs, priority);
  }

  /** Grants the candidates that are free, or answers with the waiter if they are not enough. */
  requestAvailable(
    owner: OwnerId,
    candidates: readonly LockUnit[],
    mode: LockMode,
    atLeast: number,
    nowMs: number,
    priority: number,
  ): Waiter | readonly LockUnit[] {
    this.#refuseSecond(owner);
    const choice = choiceOf(this.#allocation, owner, candidates, mode, atLeast);
    const rank = Math.min(...[...choice.locks].map(rankOf));
    const lock = SET_LOCKS[rank];
    if (lock === undefined) return candidates;
    const turn = this.#turn(priority);
    const waiter = new Waiter(owner, { lock, rank, mode }, NOTHING, nowMs, turn);
    waiter.choice = choice;
    if (this.#admit(waiter, nowMs)) return choice.granted;
    this.#wakeups.addChooser(waiter);
    return waiter;
  }

  /** Takes a waiter out; answers who goes on because of that. */
  withdraw(waiter: Waiter, nowMs: number): readonly Waiter[] {
    if (this.#waiting.get(waiter.owner) !== waiter) return NOBODY;
    this.#depart(waiter);
    return this.#settle(nowMs);
  }

  /** Whether nobody waits, so that nobody can go on whatever happens. */
  get isQuiet(): boolean {
    return this.#waiting.size === 0;
  }

  /** Gives locks back; answers who goes on because of that. */
  release(owner: OwnerId, locks: Iterable<LockName>, nowMs: number): readonly Waiter[] {
    for (const lock of locks) {
      const given = this.#allocation.release(owner, lock);
      if (given !== undefined && this.#waiting.size > 0) this.#wakeups.given(given);
    }
    return this.#settle(nowMs);
  }

  /** Gives all locks back; answers who goes on because of that. */
  releaseAll(owner: OwnerId, nowMs: number): readonly Waiter[] {
    const newest = this.#allocation.releaseAll(owner);
    if (this.#waiting.size === 0) return NOBODY;
    for (let given = newest; given !== undefined; given = given.lower) this.#wakeups.given(given);
    return this.#settle(nowMs);
  }

  /** Gives back all of a level but these locks; answers who goes on because of that. */
  narrow(
    owner: OwnerId,
    rank: number,
    keep: ReadonlySet<LockName>,
    nowMs: number,
  ): readonly Waiter[] {
    for (const given of this.#allocation.narrow(owner, rank, keep)) this.#wakeups.given(given);
    return this.#settle(nowMs);
  }

  /** Makes exclusive locks shared; answers who goes on because of that. */
  downgrade(owner: OwnerId, locks: Iterable<LockName>, nowMs: number): readonly Waiter[] {
    for (const lock of locks) {
      const softened = this.#allocation.downgrade(owner, lock);
      if (softened !== undefined) this.#wakeups.given(softened);
    }
    return this.#settle(nowMs);
  }

  /** An owner's locks, in ascending order. */
  held(owner: OwnerId): readonly Hold[] {
    return this.#allocation.held(owner);
  }

  /** The newest hold of each lock that is held. */
  locks(): Iterable<Hold> {
    return this.#allocation.locks();
  }

  /** An owner's request that waits. */
  waiterOf(owner: OwnerId): Waiter | undefined {
    return this.#waiting.get(owner);
  }

  /** All that wait, in no particular order. */
  waiting(): Iterable<Waiter> {
    return this.#waiting.values();
  }

  /** Who is in a waiter's way now, up to a limit. */
  blockers(waiter: Waiter, limit = Number.POSITIVE_INFINITY): LockBlocker[] {
    return this.#obstacles.blockers(waiter, limit);
  }

  #refuseSecond(owner: OwnerId): void {
    if (this.#waiting.size === 0 || !this.#waiting.has(owner)) return;
    throw new ProgrammerError(`'${owner}' waits for locks already; let one request end first`);
  }

  #requestWants(
    owner: OwnerId,
    first: Want,
    later: readonly Want[],
    nowMs: number,
    priority: number,
  ): Waiter | undefined {
    if (this.isQuiet && this.#areFree(first, later)) {
      this.#allocation.grant(owner, first, later, nowMs);
      return undefined;
    }
    const waiter = new Waiter(owner, first, later, nowMs, this.#turn(priority));
    return this.#admit(waiter, nowMs) ? undefined : waiter;
  }

  #areFree(first: Want, later: readonly Want[]): boolean {
    if (!this.#allocation.isFree(first)) return false;
    for (const want of later) if (!this.#allocation.isFree(want)) return false;
    return true;
  }

  #turn(priority: number): Turn {
    return { priority, delayMs: priority * this.#agingMs, order: this.#order++ };
  }

  /** Grants a newcomer's request, or lets it wait. */
  #admit(waiter: Waiter, nowMs: number): boolean {
    if (this.#proceed(waiter, nowMs)) return true;
    this.#waiting.set(waiter.owner, waiter);
    return false;
  }

  /** Grants what can be granted to those who were woken. */
  #settle(nowMs: number): readonly Waiter[] {
    let granted: Waiter[] | undefined;
    for (let next = this.#wakeups.next(); next !== undefined; next = this.#wakeups.next()) {
      if (!this.#proceed(next, nowMs)) continue;
      this.#depart(next);
      if (granted === undefined) granted = [next];
      else granted.push(next);
    }
    return granted ?? NOBODY;
  }

  /** Grants the request if it can be; else parks it where it is held up now. */
  #proceed(waiter: Waiter, nowMs: number): boolean {
    const { choice, parked } = waiter;
    if (choice !== undefined) return this.#choose(waiter, choice, nowMs);
    if (parked === undefined) return this.#proceedInOrder(waiter, undefined, nowMs);
    // Who is held up where it is parked keeps its claims, even if it was overtaken at one of them.
    const isAtEntry = parked.line?.kind === 'entry';
    const isBarred = isAtEntry
      ? this.#obstacles.barsEntry(waiter, parked)
      : this.#obstacles.barsLock(waiter, parked);
    return !isBarred && this.#proceedInOrder(waiter, isAtEntry ? undefined : parked, nowMs);
  }

  /** `open`: a claim whose lock is known to be had. */
  #proceedInOrder(waiter: Waiter, open: Claim | undefined, nowMs: number): boolean {
    for (let place = 0; place <= waiter.later.length; place++) {
      const claim = waiter.claimAt(place) ?? waiter;
      if (this.#obstacles.barsEntry(waiter, claim)) {
        this.#park(waiter, claim, this.#lines.level(claim.rank).entry);
        return false;
      }
      if (claim !== open && this.#obstacles.barsLock(waiter, claim)) {
        this.#park(waiter, claim, this.#lines.home(claim));
        return false;
      }
    }
    this.#allocation.grant(waiter.owner, waiter, waiter.later, nowMs);
    return true;
  }

  #choose(waiter: Waiter, choice: Choice, nowMs: number): boolean {
    const free = freeCandidates(this.#obstacles, waiter, choice);
    if (free.length < choice.atLeast) {
      this.#park(waiter, waiter, this.#lines.home(waiter));
      return false;
    }
    const [first, ...later] = inOrder(free.flatMap((candidate) => candidate.wants));
    if (first !== undefined) this.#allocation.grant(waiter.owner, first, later, nowMs);
    choice.granted = free.map(({ unit }) => unit);
    return true;
  }

  /** Lets a request's claims stand up to the one where it is held up. */
  #park(waiter: Waiter, parked: Claim, line: Line<Claim>): void {
    const before = waiter.parked;
    waiter.parked = parked;
    let isBeyond = false;
    for (let place = 0; place <= waiter.later.length; place++) {
      const claim = waiter.claimAt(place) ?? waiter;
      if (claim === parked) this.#move(claim, line);
      else this.#move(claim, isBeyond ? undefined : this.#lines.home(claim));
      isBeyond ||= claim === parked;
    }
    if (before !== undefined && before !== parked) this.#wakeups.movedOn(before);
  }

  #move(claim: Claim, line: Line<Claim> | undefined): void {
    const { line: old } = claim;
    if (old === line) return;
    if (old !== undefined) {
      this.#lines.leave(claim, old);
      this.#wakeups.left(claim, old);
    }
    if (line !== undefined) this.#lines.enter(claim, line);
  }

  #depart(waiter: Waiter): void {
    this.#waiting.delete(waiter.owner);
    waiter.parked = undefined;
    if (waiter.choice !== undefined) this.#wakeups.removeChooser(waiter);
    this.#move(waiter, undefined);
    for (const claim of waiter.later) this.#move(claim, undefined);
  }
}
