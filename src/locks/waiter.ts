/**
 * A request that waits: a claim to each of its locks, which becomes the hold when it is granted.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { LockUnit, OwnerId } from '../ports/lock-manager.js';
import type { Account } from './account.js';
import type { Deadline } from './deadlines.js';
import { Grant, type Hold, type Want } from './hold.js';
import type { Line } from './line.js';
import type { Turn } from './turns.js';

/** Ganeti makes an operation one step more urgent for each half hour that it has waited. */
export const AGING_MS = 1_800_000;

/** One lock that a waiting request wants. Since when is since when it waits, and then holds. */
export interface Claim extends Hold {
  /** Where it stands; a claim that stands nowhere holds nobody up. */
  line: Line<Claim> | undefined;
  /** The request to which it belongs. */
  readonly waiter: Waiter;
}

/** A claim to a lock after the first one. */
class LaterClaim extends Grant implements Claim {
  readonly waiter: Waiter;
  line: Line<Claim> | undefined = undefined;

  constructor(waiter: Waiter, { lock, rank, mode }: Want) {
    super(waiter.owner, lock, rank, mode, waiter.sinceMs);
    this.waiter = waiter;
  }
}

/** One candidate of an opportunistic request, and what of it its owner does not have yet. */
export interface Candidate {
  readonly unit: LockUnit;
  readonly wants: readonly Want[];
}

/** An opportunistic request: as many of the candidates as are free, if they are enough. */
export interface Choice {
  readonly candidates: readonly Candidate[];
  readonly atLeast: number;
  readonly mode: LockMode;
  /** All locks of all candidates that the owner does not have yet. */
  readonly locks: ReadonlySet<LockName>;
  /** What was granted in the end. */
  granted: readonly LockUnit[];
}

/** No further claims. */
const NONE: readonly Claim[] = [];

/** What ends a wait before it is granted. */
export interface Limits {
  /** When the shell gives up, if there is a time limit. */
  deadline: Deadline<Waiter> | undefined;
  /** Takes the listener away with which the shell hears of the caller's signal. */
  stopListening: (() => void) | undefined;
}

/**
 * A request that waits. It is the claim to its first lock itself, because most requests are for one
 * lock, and ten thousand of them for the same one should still fit into the processor's cache. Of
 * an opportunistic request it is the claim to the level, which never becomes a hold. It has the
 * fields of a hold without inheriting them: V8 takes half as long again for derived classes.
 */
export class Waiter implements Claim, Turn {
  readonly owner: OwnerId;
  readonly lock: LockName;
  readonly rank: number;
  mode: LockMode;
  sinceMs: number;
  lower: Hold | undefined = undefined;
  higher: Hold | undefined = undefined;
  older: Hold | undefined = undefined;
  newer: Hold | undefined = undefined;
  line: Line<Claim> | undefined = undefined;
  priority = 0;
  dueMs = 0;
  order = 0;
  /** Claims to further locks, in ascending order. */
  later = NONE;
  /** What it chooses from, if it is an opportunistic request. */
  choice: Choice | undefined = undefined;
  /** The claim that cannot be met at present; the waiter is woken there. Nothing at the end. */
  parked: Claim | undefined = undefined;
  /** Whether it is about to be looked at again. */
  isWoken = false;
  /** Settles what the caller waits for: as granted, or as this promise, which has failed. */
  settle: ((failed?: Promise<never>) => void) | undefined = undefined;
  limits: Limits | undefined = undefined;
  /** Its owner's, since it had to wait. */
  account: Account<Waiter> | undefined = undefined;

  constructor(owner: OwnerId, lock: LockName, rank: number, mode: LockMode, nowMs: number) {
    this.owner = owner;
    this.lock = lock;
    this.rank = rank;
    this.mode = mode;
    this.sinceMs = nowMs;
  }

  /** It wants these as well, which come after its first lock, in ascending order. */
  addLater(wants: readonly Want[]): void {
    if (wants.length > 0) this.later = wants.map((want) => new LaterClaim(this, want));
  }

  get waiter(): Waiter {
    return this;
  }

  get head(): Hold {
    return this;
  }

  /** The highest of its claims. */
  get highest(): Claim {
    return this.later.at(-1) ?? this;
  }

  /** All claims in ascending order. */
  get claims(): readonly Claim[] {
    return this.later === NONE ? [this] : [this, ...this.later];
  }

  /** Whether the first lock is all that is wanted. */
  get isAlone(): boolean {
    return this.later === NONE && this.choice === undefined;
  }

  /** The claim at a place in the order. */
  claimAt(place: number): Claim | undefined {
    return place === 0 ? this : this.later[place - 1];
  }
}
