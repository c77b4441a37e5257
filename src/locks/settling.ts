/**
 * Who goes on when something became free: those who were woken, in order of precedence, or the
 * first ones of a plain line.
 *
 * Z1 A call that would move too many waiters stops among them, in order of precedence, and it says
 *    that not all is settled. Claims stand all the same, so nobody gets in between.
 */
import type { Direct } from './direct.js';
import type { Line } from './line.js';
import type { Owners } from './owners.js';
import type { Parking } from './parking.js';
import type { Progress } from './progress.js';
import type { Claim, Waiter } from './waiter.js';
import type { Wakeups } from './wakeups.js';

/** No waiter was let go. */
const NOBODY: readonly Waiter[] = [];

/** The parts of a queue that let waiters go on. */
export interface SettlingParts {
  readonly owners: Owners;
  readonly wakeups: Wakeups;
  readonly progress: Progress;
  readonly parking: Parking;
  readonly direct: Direct;
}

export class Settling {
  readonly #parts: SettlingParts;
  readonly #maxMoves: number;
  #isDone = true;

  /** `maxMoves`: how many waiters one call may let go or move on. */
  constructor(parts: SettlingParts, maxMoves: number) {
    this.#parts = parts;
    this.#maxMoves = maxMoves;
  }

  /** Whether nobody was left behind who could go on; see Z1. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Looks at all who wait; answers who goes on. */
  settleAll(nowMs: number): readonly Waiter[] {
    this.#isDone = true;
    for (const waiter of this.#parts.owners.all()) this.#parts.wakeups.wake(waiter);
    return this.settle(nowMs);
  }

  /** Grants what can be granted to those who were woken; answers with them. */
  settle(nowMs: number): readonly Waiter[] {
    const { wakeups, progress } = this.#parts;
    let granted: Waiter[] | undefined;
    let moves = 0;
    for (let next = wakeups.next(); next !== undefined; next = wakeups.next()) {
      if (moves === this.#maxMoves) {
        this.#isDone = false;
        continue;
      }
      const { parked } = next;
      const line = parked?.line;
      const isGranted = progress.proceed(next, nowMs);
      if (isGranted || next.parked !== parked || parked?.line !== line) moves++;
      if (!isGranted) continue;
      this.#seat(next);
      if (granted === undefined) granted = [next];
      else granted.push(next);
    }
    return granted ?? NOBODY;
  }

  /** Grants a plain line's lock to those who come first; answers with them. */
  handOn(line: Line<Claim>, nowMs: number): readonly Waiter[] {
    const granted = this.#parts.direct.handOn(line, nowMs, this.#maxMoves);
    if (granted.length === this.#maxMoves && line.firstMayGo) this.#isDone = false;
    return granted;
  }

  /** Takes a waiter out; who stood behind it is woken. */
  depart(waiter: Waiter): void {
    this.#parts.owners.close(waiter);
    this.#parts.parking.leave(waiter);
  }

  /** A waiter that was granted what it wants waits no more. */
  #seat(waiter: Waiter): void {
    if (waiter.choice !== undefined) return this.depart(waiter);
    this.#parts.owners.seat(waiter, waiter.highest);
    this.#parts.parking.leave(waiter);
  }
}
