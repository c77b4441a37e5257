/**
 * A request that waits, and its place among all that wait.
 *
 * W1 Precedence never changes while waiting. A request counts as if it had come `agingMs` later for
 *    each step of its priority, so all waiters grow more urgent at the same pace: an old request of
 *    low urgency goes before an urgent one that came long enough after it, and nobody starves.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { LockUnit, OwnerId } from '../ports/lock-manager.js';
import type { Deadline } from './deadlines.js';
import type { Hold, Want } from './hold.js';
import type { Line, Precedence } from './line.js';
import type { Front } from './heads.js';
import type { Turn } from './turns.js';

/** Ganeti makes an operation one step more urgent for each half hour that it has waited. */
export const AGING_MS = 1_800_000;

/** One lock that a waiting request wants. */
export abstract class Claim implements Want {
  readonly lock: LockName;
  readonly rank: number;
  readonly mode: LockMode;
  /** Where it stands; a claim that stands nowhere holds nobody up. */
  line: Line<Claim> | undefined = undefined;
  /** The request to which it belongs. */
  abstract readonly waiter: Waiter;

  constructor(want: Want) {
    this.lock = want.lock;
    this.rank = want.rank;
    this.mode = want.mode;
  }
}

/** A claim to a lock after the first one. */
class LaterClaim extends Claim {
  readonly waiter: Waiter;

  constructor(waiter: Waiter, want: Want) {
    super(want);
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

/** No further locks are wanted. */
export const NOTHING: readonly Want[] = [];

/** No further claims. */
const NONE: readonly Claim[] = [];

/**
 * A request that waits. It is the claim to its first lock itself, because most requests are for one
 * lock, and ten thousand of them for the same one should still fit into the processor's cache. Of
 * an opportunistic request it is the claim to the level.
 */
export class Waiter extends Claim implements Front, Precedence {
  readonly owner: OwnerId;
  readonly priority: number;
  readonly sinceMs: number;
  readonly dueMs: number;
  readonly order: number;
  /** Claims to further locks, in ascending order. */
  readonly later: readonly Claim[];
  /** The highest lock that its owner holds. */
  head: Hold | undefined = undefined;
  /** What it chooses from, if it is an opportunistic request. */
  choice: Choice | undefined = undefined;
  /** The claim that cannot be met at present: the waiter is woken there. */
  parked: Claim | undefined = undefined;
  /** Whether it is about to be looked at again. */
  isWoken = false;
  /** When the shell gives up, if there is a time limit. */
  deadline: Deadline<Waiter> | undefined = undefined;
  /** Takes the listener away with which the shell hears of the caller's signal. */
  stopListening: (() => void) | undefined = undefined;
  /** Settles what the caller waits for: as granted, or as this promise, which has failed. */
  settle: ((failed?: Promise<never>) => void) | undefined = undefined;

  constructor(owner: OwnerId, first: Want, later: readonly Want[], nowMs: number, turn: Turn) {
    super(first);
    this.owner = owner;
    this.priority = turn.priority;
    this.sinceMs = nowMs;
    this.dueMs = this.sinceMs + turn.delayMs;
    this.order = turn.order;
    this.later = later.length === 0 ? NONE : later.map((want) => new LaterClaim(this, want));
  }

  get waiter(): Waiter {
    return this;
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
