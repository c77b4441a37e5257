/**
 * A request that waits, and its place among all that wait.
 *
 * W1 Precedence never changes while waiting. A request counts as if it had come `agingMs` later for
 *    each step of its priority, so all waiters grow more urgent at the same pace: an old request of
 *    low urgency goes before an urgent one that came long enough after it, and nobody starves.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { LockUnit, OwnerId } from '../ports/lock-manager.js';
import type { Want } from './ledger.js';
import type { Line, Precedence } from './line.js';

const NOTHING: readonly LockUnit[] = [];

/** One lock that a waiting request wants. */
export class Claim implements Want {
  readonly waiter: Waiter;
  readonly lock: LockName;
  readonly rank: number;
  readonly mode: LockMode;
  /** Where it stands; a claim that stands nowhere holds nobody up. */
  line: Line<Claim> | undefined = undefined;

  constructor(waiter: Waiter, want: Want) {
    this.waiter = waiter;
    this.lock = want.lock;
    this.rank = want.rank;
    this.mode = want.mode;
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
}

/** When a request comes, and how urgent it is. */
export interface Arrival {
  /** Milliseconds of a clock that never jumps. */
  readonly nowMs: number;
  /** -20 (highest) to 19 (lowest). */
  readonly priority: number;
}

export class Waiter implements Precedence {
  readonly owner: OwnerId;
  readonly priority: number;
  readonly sinceMs: number;
  readonly dueMs: number;
  readonly order: number;
  /** The wanted locks in ascending order; of an opportunistic request, its claim to its level. */
  readonly claims: readonly Claim[];
  readonly choice: Choice | undefined;
  /** The claim that cannot be met at present: the waiter is woken there. */
  parked: Claim | undefined = undefined;
  /** Whether it is about to be looked at again. */
  isWoken = false;
  /** What an opportunistic request was granted. */
  granted: readonly LockUnit[] = NOTHING;
  /** Told by the shell when the request has been granted. */
  onGranted: (() => void) | undefined = undefined;
  /** Told by the shell when the waiting has ended otherwise. */
  onFailed: ((error: unknown) => void) | undefined = undefined;

  /** `delayMs`: how much later it counts as having come, for its priority; see W1. */
  constructor(
    owner: OwnerId,
    wants: readonly Want[],
    arrival: Arrival,
    delayMs: number,
    order: number,
    choice: Choice | undefined,
  ) {
    this.owner = owner;
    this.priority = arrival.priority;
    this.sinceMs = Math.trunc(arrival.nowMs);
    this.dueMs = this.sinceMs + delayMs;
    this.order = order;
    this.claims = claimsOf(this, wants);
    this.choice = choice;
  }
}

/** A loop, for the sake of the many requests for one lock. */
function claimsOf(waiter: Waiter, wants: readonly Want[]): readonly Claim[] {
  const first = wants[0];
  if (first !== undefined && wants.length === 1) return [new Claim(waiter, first)];
  return wants.map((want) => new Claim(waiter, want));
}
