/**
 * One owner's hold on one lock, and what it takes to ask for one.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { OwnerId } from '../ports/lock-manager.js';
import type { Placed } from './level.js';

/** A lock somebody wants or has, with its level's place in the order. */
export interface Want extends Placed {
  readonly mode: LockMode;
}

/** Whether two modes of one lock exclude each other. */
export function clash(a: { readonly mode: LockMode }, b: { readonly mode: LockMode }): boolean {
  return a.mode === 'exclusive' || b.mode === 'exclusive';
}

/** One owner's hold on one lock. */
export interface Hold extends Want {
  readonly owner: OwnerId;
  mode: LockMode;
  /** Since when, in whole milliseconds of the monotonic clock. */
  sinceMs: number;
  /** The same owner's next lower and next higher lock. */
  lower: Hold | undefined;
  higher: Hold | undefined;
  /** The same lock's previous and next owner. */
  older: Hold | undefined;
  newer: Hold | undefined;
  /** Itself: a chain may be entered with its first hold; see `heads.ts` and `owners.ts`. */
  readonly head: Hold;
}

/** A hold for which nobody had to wait. */
export class Grant implements Hold {
  readonly owner: OwnerId;
  readonly lock: LockName;
  readonly rank: number;
  mode: LockMode;
  sinceMs: number;
  lower: Hold | undefined = undefined;
  higher: Hold | undefined = undefined;
  older: Hold | undefined = undefined;
  newer: Hold | undefined = undefined;

  constructor(owner: OwnerId, lock: LockName, rank: number, mode: LockMode, sinceMs: number) {
    this.owner = owner;
    this.lock = lock;
    this.rank = rank;
    this.mode = mode;
    this.sinceMs = sinceMs;
  }

  get head(): Hold {
    return this;
  }
}
