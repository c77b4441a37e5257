/**
 * The rules of who may hold what, as a state machine: no promise, no time, no queue. It changes
 * itself for speed, but only in the calls that say so, and the same calls give the same answers.
 *
 * A1 Exclusive excludes all others, shared excludes exclusive.
 * A2 A whole-set lock stands for all locks of its level, whether their objects exist or not: it and
 *    the lock of an object exclude each other as if they were one lock.
 * A3 A request is granted as a whole, or nothing changes and the owners in the way are named.
 * A4 What an owner asks for lies above all it holds, or is covered by it. "Above" is the order of
 *    `level.ts`. Exclusive on top of shared is refused wherever the shared lock lies, because two
 *    owners that do it wait for each other; this includes single objects under a shared whole set.
 * A5 Giving back, narrowing and downgrading always succeed, and concern the owner's locks only.
 */
import { type LockBlocker, LockOrderError } from '../errors.js';
import type { LockName } from '../model/lock.js';
import type { LockRequest, OwnerId } from '../ports/lock-manager.js';
import { Heads } from './heads.js';
import { clash, type Hold, type Want } from './hold.js';
import { compareLocks, rankOf, SET_LOCKS } from './level.js';
import { Ledger } from './ledger.js';
import { Owners } from './owners.js';

export class Allocation {
  readonly #ledger: Ledger;

  /** `ledger`: where it is written down, if others are to see it. */
  constructor(ledger: Ledger = new Ledger({ owners: new Owners(), locks: new Heads() })) {
    this.#ledger = ledger;
  }

  /**
   * Grants the requests if nobody is in the way; the answer names those who are. The state changes
   * if, and only if, the answer is empty. Throws `LockOrderError` against A4.
   */
  request(owner: OwnerId, requests: readonly LockRequest[], nowMs: number): LockBlocker[] {
    const wants = this.missing(owner, requests);
    const blockers = wants.flatMap((want) => this.blockers(want));
    const [first, ...later] = wants;
    if (first !== undefined && blockers.length === 0) this.grant(owner, first, later, nowMs);
    return blockers;
  }

  /** What of the requests the owner does not have yet, in ascending order and each lock once. */
  missing(owner: OwnerId, requests: readonly LockRequest[]): readonly Want[] {
    const top = this.#ledger.top(owner);
    const wants: Want[] = [];
    for (const request of requests) {
      const want = wantOf(request);
      if (this.#lacks(top, want)) wants.push(want);
    }
    return inOrder(wants);
  }

  /** Whether another owner's whole-set lock keeps this lock of an object from being granted. */
  levelIsTaken(want: Want): boolean {
    const { set } = this.#ledger.tally(want.rank);
    return set !== undefined && clash(set, want) && want.lock !== set.lock;
  }

  /** Whether owners of the lock keep it from being granted; for a set, also those of members. */
  lockIsTaken(want: Want, newest: Hold | undefined = this.#ledger.newest(want.lock)): boolean {
    if (newest !== undefined && clash(newest, want)) return true;
    if (want.lock !== SET_LOCKS[want.rank]) return false;
    const { shared, exclusive } = this.#ledger.tally(want.rank);
    return exclusive > 0 || (shared > 0 && want.mode === 'exclusive');
  }

  /** Whether no owner keeps a lock from being granted. */
  isFree(want: Want): boolean {
    return !this.levelIsTaken(want) && !this.lockIsTaken(want);
  }

  /** Enters what is missing and free: the lowest lock and the later ones in ascending order. */
  grant(owner: OwnerId, first: Want, later: readonly Want[], nowMs: number): void {
    this.#ledger.append(owner, first, later, nowMs);
  }

  /**
   * Makes the claims of an owner holds, the lowest of which knows the highest hold so far. The
   * owner's entry is the caller's to change.
   */
  seat(first: Hold, later: readonly Hold[], nowMs: number): void {
    this.#ledger.seat(first, later, nowMs);
  }

  /** Enters a hold as it was, wherever it lies among its owner's. */
  enter(owner: OwnerId, want: Want, sinceMs: number): void {
    this.#ledger.insert(owner, want, sinceMs);
  }

  /** The owners whose holds keep a lock from being granted, each once, since its oldest hold. */
  blockers(want: Want): LockBlocker[] {
    const sinceMs = new Map<OwnerId, number>();
    for (const hold of this.#holdsAgainst(want)) {
      sinceMs.set(hold.owner, Math.min(hold.sinceMs, sinceMs.get(hold.owner) ?? hold.sinceMs));
    }
    return [...sinceMs].map(([owner, since]) => ({ lock: want.lock, owner, sinceMs: since }));
  }

  /** Whether an owner holds something on a level. */
  isInside(owner: OwnerId, rank: number): boolean {
    let hold = this.#ledger.top(owner);
    while (hold !== undefined && hold.rank > rank) hold = hold.lower;
    return hold?.rank === rank;
  }

  /** Gives one lock back; answers what was given back. */
  release(owner: OwnerId, lock: LockName): Want | undefined {
    const hold = this.#ledger.find(owner, lock);
    if (hold !== undefined) this.#ledger.remove(hold);
    return hold;
  }

  /**
   * Gives all back; answers with the highest lock, from which the lower ones follow. `entry`: that
   * of the owner in the books.
   */
  releaseAll(owner: OwnerId, entry = this.#ledger.entry(owner)): Hold | undefined {
    return this.#ledger.removeAll(owner, entry);
  }

  /** Makes an exclusive lock shared; answers the lock if that changed anything. */
  downgrade(owner: OwnerId, lock: LockName): Want | undefined {
    const hold = this.#ledger.find(owner, lock);
    if (hold === undefined || hold.mode === 'shared') return undefined;
    this.#ledger.soften(hold);
    return hold;
  }

  /** Gives back all of a level but these locks; answers what was given back. */
  narrow(owner: OwnerId, rank: number, keep: ReadonlySet<LockName>): Want[] {
    const set = this.#ledger.find(owner, SET_LOCKS[rank] ?? 'cluster/');
    const given = this.#ledger
      .ofOwner(owner)
      .filter((hold) => hold.rank === rank && (hold === set || !keep.has(hold.lock)));
    for (const hold of given) this.#ledger.remove(hold);
    if (set !== undefined) this.#spread(set, keep);
    return given;
  }

  /** An owner's locks, in ascending order. */
  held(owner: OwnerId): Hold[] {
    return this.#ledger.ofOwner(owner);
  }

  /** The newest hold of each lock that is held; older ones follow in its chain. */
  locks(): Iterable<Hold> {
    return this.#ledger.locks();
  }

  /** Turns a whole set that was just given up into locks of single objects. */
  #spread(set: Hold, keep: ReadonlySet<LockName>): void {
    for (const lock of keep) {
      const own = this.#ledger.find(set.owner, lock);
      if (own !== undefined && (own.mode === 'exclusive' || set.mode === 'shared')) continue;
      if (own !== undefined) this.#ledger.remove(own);
      this.#ledger.insert(set.owner, { lock, rank: set.rank, mode: set.mode }, set.sinceMs);
    }
  }

  #lacks(top: Hold | undefined, want: Want): boolean {
    return top === undefined || want.rank > top.rank || !this.#covers(top, want);
  }

  #covers(top: Hold, want: Want): boolean {
    const own = this.#ledger.find(top.owner, want.lock);
    const set = this.#ownSet(top.owner, want.rank);
    if (own?.mode === 'exclusive' || set?.mode === 'exclusive') return true;
    const shared = own ?? set;
    if (shared !== undefined && want.mode === 'shared') return true;
    if (shared !== undefined) throw upgrade(shared, want);
    if (compareLocks(want, top) < 0) throw wrongOrder(top, want);
    return false;
  }

  #ownSet(owner: OwnerId, rank: number): Hold | undefined {
    const { set } = this.#ledger.tally(rank);
    return set === undefined ? undefined : this.#ledger.find(owner, set.lock);
  }

  *#holdsAgainst(want: Want): Iterable<Hold> {
    const isSet = want.lock === SET_LOCKS[want.rank];
    const { set } = this.#ledger.tally(want.rank);
    if (!isSet) yield* clashing(set, want);
    yield* clashing(this.#ledger.newest(want.lock), want);
    if (!isSet) return;
    for (const hold of this.#ledger.locks()) {
      if (hold.rank === want.rank && hold.lock !== want.lock) yield* clashing(hold, want);
    }
  }
}

/** A lock that is asked for, with its place in the order. */
export function wantOf({ lock, mode }: LockRequest): Want {
  return { lock, rank: rankOf(lock), mode };
}

function* clashing(newest: Hold | undefined, want: Want): Iterable<Hold> {
  for (let hold = newest; hold !== undefined; hold = hold.older) {
    if (clash(hold, want)) yield hold;
  }
}

/** Ascending, each lock once in the stronger of its modes. */
export function inOrder(wants: readonly Want[]): readonly Want[] {
  if (ascends(wants)) return wants;
  const strongestFirst = { exclusive: 0, shared: 1 };
  const sorted = wants.toSorted(
    (a, b) => compareLocks(a, b) || strongestFirst[a.mode] - strongestFirst[b.mode],
  );
  return sorted.filter((want, at) => isAfter(want, sorted[at - 1]));
}

function ascends(wants: readonly Want[]): boolean {
  let before: Want | undefined;
  for (const want of wants) {
    if (!isAfter(want, before)) return false;
    before = want;
  }
  return true;
}

function isAfter(want: Want, before: Want | undefined): boolean {
  return before === undefined || compareLocks(before, want) < 0;
}

function upgrade(held: Hold, want: Want): LockOrderError {
  return new LockOrderError(
    `'${held.owner}' holds ${held.lock} shared and asks for ${want.lock} exclusively; ` +
      'ask for the exclusive lock first, or give the shared one back before asking',
  );
}

function wrongOrder(top: Hold, want: Want): LockOrderError {
  return new LockOrderError(
    `'${top.owner}' asks for ${want.lock} while it holds ${top.lock}, which comes later; ` +
      'ask for both in one request, or in ascending order',
  );
}
