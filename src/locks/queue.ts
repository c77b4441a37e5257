/**
 * Who waits, in which order, and who goes next: the pure queue on top of the allocation. Time is an
 * argument and nobody is called back; whoever changes something is told which waiters that let go.
 *
 * Q1 A request is met as a whole. Until then it is parked at one of its locks, where somebody is
 *    truly in its way, and has claims to its locks up to there, as if it took them one by one.
 * Q2 A claim holds up every request without precedence (see `turns.ts`) that clashes with it.
 * Q3 Requests for a whole level, or for what is free in it, stand before the level and hold up
 *    those without precedence who come to enter it. Who holds something in the level is inside and
 *    goes on: the ones before the level wait for such owners.
 * Q4 No ring of waiters: from a waiter to whom it waits for, the lock where one is parked never
 *    falls in the order of locks (the entry lies before its level), and where it stays the same,
 *    precedence rises. Claims end where a request is parked, and Q3 exempts who is inside, to keep
 *    this true.
 * Q5 What is given back wakes the first that is parked there, and the next one only when that one
 *    leaves: if it stays, all behind it stay.
 * Q6 The state is what is held, what waits, and where it is parked: `enter` puts back what was
 *    written down of another queue, `erase` takes it out, and neither wakes anybody.
 */
import { type LockBlocker, ProgrammerError } from '../errors.js';
import type { LockMode, LockName } from '../model/lock.js';
import type { LockRequest, LockUnit, OwnerId } from '../ports/lock-manager.js';
import { Allocation } from './allocation.js';
import { choiceOf } from './choice.js';
import { Direct } from './direct.js';
import type { Hold, Want } from './hold.js';
import { Heads } from './heads.js';
import { rankOf, SET_LOCKS } from './level.js';
import { Ledger, type Tally } from './ledger.js';
import type { Line } from './line.js';
import { Lines } from './lines.js';
import { type OwnerEntry, Owners, waiterIn } from './owners.js';
import { Obstacles } from './obstacles.js';
import { Parking } from './parking.js';
import { Progress } from './progress.js';
import { Settling } from './settling.js';
import { Turns } from './turns.js';
import { type Claim, Waiter } from './waiter.js';
import { Wakeups } from './wakeups.js';

/** No waiter was let go. */
const NOBODY: readonly Waiter[] = [];

export class LockQueue {
  readonly #owners = new Owners();
  readonly #locks = new Heads<Line<Claim>>();
  readonly #ledger = new Ledger({ owners: this.#owners, locks: this.#locks });
  readonly #allocation = new Allocation(this.#ledger);
  readonly #lines = new Lines(this.#locks);
  readonly #obstacles = new Obstacles(this.#allocation, this.#lines);
  readonly #wakeups = new Wakeups(this.#allocation, this.#lines);
  readonly #parking = new Parking(this.#lines, this.#wakeups);
  readonly #progress = new Progress({
    allocation: this.#allocation,
    lines: this.#lines,
    obstacles: this.#obstacles,
    parking: this.#parking,
  });
  readonly #turns: Turns;
  readonly #direct: Direct;
  readonly #settling: Settling;
  /** The plain line of a lock that was given back and may go to the first in it. */
  #free: Line<Claim> | undefined = undefined;

  /**
   * `agingMs`: how long a request must have waited to count as one step more urgent. `maxMoves`:
   * how many waiters one call may let go or move on; what is left is for `settle`, see Z1
   * in `settling.ts`.
   */
  constructor(agingMs: number, maxMoves: number = Number.POSITIVE_INFINITY) {
    const [owners, locks, lines] = [this.#owners, this.#locks, this.#lines];
    this.#turns = new Turns(agingMs);
    this.#direct = new Direct({ owners, locks, lines, ledger: this.#ledger, turns: this.#turns });
    this.#settling = new Settling(
      {
        owners,
        wakeups: this.#wakeups,
        progress: this.#progress,
        parking: this.#parking,
        direct: this.#direct,
      },
      maxMoves,
    );
  }

  /** Grants all requests, or answers with the waiter that now stands for them. */
  request(
    owner: OwnerId,
    requests: readonly LockRequest[],
    nowMs: number,
    priority: number,
  ): Waiter | undefined {
    const entry = this.#entryOf(owner);
    const only = requests[0];
    if (only !== undefined && requests.length === 1) {
      const answer = this.#direct.ask(owner, entry, only, nowMs, priority);
      if (answer !== undefined) return answer instanceof Waiter ? answer : undefined;
    } else if (this.#direct.take(owner, entry, requests, nowMs)) return undefined;
    const wants = this.#allocation.missing(owner, requests);
    const [first, ...later] = wants;
    if (first === undefined) return undefined;
    if (this.isQuiet && wants.every((want) => this.#allocation.isFree(want))) {
      this.#allocation.grant(owner, first, later, nowMs);
      return undefined;
    }
    const waiter = this.#newcomer(owner, first, nowMs, priority);
    waiter.addLater(later);
    return this.#admit(waiter, entry, nowMs);
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
    const entry = this.#entryOf(owner);
    const choice = choiceOf(this.#allocation, owner, candidates, mode, atLeast);
    const rank = Math.min(...[...choice.locks].map(rankOf));
    const lock = SET_LOCKS[rank];
    if (lock === undefined) return candidates;
    const waiter = this.#newcomer(owner, { lock, rank, mode }, nowMs, priority);
    waiter.choice = choice;
    if (this.#admit(waiter, entry, nowMs) === undefined) return choice.granted;
    this.#wakeups.addChooser(waiter);
    return waiter;
  }

  /** Takes a waiter out; answers who goes on because of that. */
  withdraw(waiter: Waiter, nowMs: number): readonly Waiter[] {
    if (waiter.account?.waiter !== waiter) return NOBODY;
    this.#settling.depart(waiter);
    return this.#settling.settle(nowMs);
  }

  /** Whether nobody waits, so that nobody can go on whatever happens. */
  get isQuiet(): boolean {
    return this.#owners.waiting === 0;
  }

  /** Gives locks back; answers who goes on because of that. */
  release(owner: OwnerId, locks: Iterable<LockName>, nowMs: number): readonly Waiter[] {
    for (const lock of locks) {
      const given = this.#allocation.release(owner, lock);
      if (given !== undefined && !this.isQuiet) this.#wakeups.given(given);
    }
    return this.#settling.settle(nowMs);
  }

  /** Gives all locks back; answers who goes on because of that. */
  releaseAll(owner: OwnerId, nowMs: number): readonly Waiter[] {
    return this.giveAll(owner, this.#owners.entry(owner)) ? this.goOn(nowMs) : NOBODY;
  }

  /** What the book of owners has for one that is about to give back. */
  entry(owner: OwnerId): OwnerEntry | undefined {
    return this.#owners.entryOfLeaver(owner);
  }

  /** Gives all locks back; answers whether `goOn` is to follow. `entry`: that of the owner. */
  giveAll(owner: OwnerId, entry: OwnerEntry | undefined): boolean {
    this.#free = undefined;
    const top = entry?.head;
    if (entry === undefined || top === undefined) return false;
    const isAlone = top.lower === undefined && !this.#wakeups.hasChoosers;
    const tally = isAlone ? this.#direct.open(top.rank) : undefined;
    if (tally !== undefined) return this.#giveOne(top, entry, tally);
    this.#allocation.releaseAll(owner, entry);
    if (this.isQuiet) return false;
    for (let given: Hold | undefined = top; given !== undefined; given = given.lower) {
      this.#wakeups.given(given);
    }
    return true;
  }

  /** Lets those go who may because of what `giveAll` gave back. */
  goOn(nowMs: number): readonly Waiter[] {
    const line = this.#free;
    return line === undefined ? this.#settling.settle(nowMs) : this.#settling.handOn(line, nowMs);
  }

  /** Gives back all of a level but these locks; answers who goes on because of that. */
  narrow(
    owner: OwnerId,
    rank: number,
    keep: ReadonlySet<LockName>,
    nowMs: number,
  ): readonly Waiter[] {
    for (const given of this.#allocation.narrow(owner, rank, keep)) this.#wakeups.given(given);
    return this.#settling.settle(nowMs);
  }

  /** Makes exclusive locks shared; answers who goes on because of that. */
  downgrade(owner: OwnerId, locks: Iterable<LockName>, nowMs: number): readonly Waiter[] {
    for (const lock of locks) {
      const softened = this.#allocation.downgrade(owner, lock);
      if (softened !== undefined) this.#wakeups.given(softened);
    }
    return this.#settling.settle(nowMs);
  }

  /** Whether nobody is left who could go on; see Z1 in `settling.ts`. */
  get isSettled(): boolean {
    return this.#settling.isDone;
  }

  /** Looks at all who wait, in order of precedence; answers who goes on. */
  settle(nowMs: number): readonly Waiter[] {
    return this.#settling.settleAll(nowMs);
  }

  /** Puts a hold back as it was; see Q6. */
  enter(owner: OwnerId, want: Want, sinceMs: number): void {
    this.#allocation.enter(owner, want, sinceMs);
  }

  /** Puts a waiter back, parked at a claim of its own or at the entry of that claim's level. */
  enterWaiter(waiter: Waiter, parked: Claim, isAtEntry: boolean): void {
    const { entry } = this.#lines.level(parked.rank);
    this.#parking.park(waiter, parked, isAtEntry ? entry : this.#lines.home(parked));
    if (waiter.choice !== undefined) this.#wakeups.addChooser(waiter);
    this.#owners.open(waiter, this.#owners.entry(waiter.owner));
    this.#turns.follow(waiter);
  }

  /** Takes all of an owner out as if it had never been there; see Q6. */
  erase(owner: OwnerId): void {
    const waiter = this.#owners.waiter(owner);
    if (waiter !== undefined) {
      this.#owners.close(waiter);
      this.#parking.erase(waiter);
    }
    this.#allocation.releaseAll(owner);
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
    return this.#owners.waiter(owner);
  }

  /** All that wait, in no particular order. */
  waiting(): Iterable<Waiter> {
    return this.#owners.all();
  }

  /** Who is in a waiter's way now, up to a limit. */
  blockers(waiter: Waiter, limit = Number.POSITIVE_INFINITY): LockBlocker[] {
    return this.#obstacles.blockers(waiter, limit);
  }

  /** What the book of owners has for one that does not wait. */
  #entryOf(owner: OwnerId): OwnerEntry | undefined {
    const entry = this.#owners.entry(owner);
    if (this.isQuiet || waiterIn(entry) === undefined) return entry;
    throw new ProgrammerError(`'${owner}' waits for locks already; let one request end first`);
  }

  #newcomer(owner: OwnerId, { lock, rank, mode }: Want, nowMs: number, priority: number): Waiter {
    const waiter = new Waiter(owner, lock, rank, mode, nowMs);
    this.#turns.give(waiter, priority, nowMs);
    return waiter;
  }

  /** Grants a newcomer's request, or lets it wait and answers with it. */
  #admit(waiter: Waiter, entry: OwnerEntry | undefined, nowMs: number): Waiter | undefined {
    const { owner, choice } = waiter;
    waiter.lower = entry?.head;
    const isGranted = this.#progress.proceed(waiter, nowMs);
    if (!isGranted) this.#owners.open(waiter, entry);
    else if (choice === undefined) this.#owners.replace(owner, entry, waiter.highest);
    return isGranted ? undefined : waiter;
  }

  /** Gives back the only lock of an owner; answers whether anybody may go on. */
  #giveOne(hold: Hold, entry: OwnerEntry, tally: Tally): boolean {
    const line = this.#direct.giveBack(hold, entry, tally);
    if (line === undefined) return false;
    if (line.others > 0) this.#wakeups.given(hold);
    else if (line.firstMayGo) this.#free = line;
    else return false;
    return true;
  }
}
