/**
 * Lets the claims of a waiting request stand where they belong, and take them away again. Those
 * who stood behind a claim that leaves are woken.
 *
 * K1 Where a request's claims stand follows from where it is parked: claims up to that one stand at
 *    their own locks, later ones nowhere. So a request that was written down together with the
 *    place where it is parked can be put back as it was.
 */
import type { Line } from './line.js';
import type { Lines } from './lines.js';
import type { Claim, Waiter } from './waiter.js';
import type { Wakeups } from './wakeups.js';

export class Parking {
  readonly #lines: Lines;
  readonly #wakeups: Wakeups;

  constructor(lines: Lines, wakeups: Wakeups) {
    this.#lines = lines;
    this.#wakeups = wakeups;
  }

  /** Lets a request's claims stand up to the one where it is held up. */
  park(waiter: Waiter, parked: Claim, line: Line<Claim>): void {
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

  /** Takes a request's claims away; those behind them are woken. */
  leave(waiter: Waiter): void {
    waiter.parked = undefined;
    if (waiter.choice !== undefined) this.#wakeups.removeChooser(waiter);
    this.#move(waiter, undefined);
    for (const claim of waiter.later) this.#move(claim, undefined);
  }

  /** Takes a request's claims away as if they had never stood there: nobody is woken. */
  erase(waiter: Waiter): void {
    waiter.parked = undefined;
    if (waiter.choice !== undefined) this.#wakeups.removeChooser(waiter);
    for (const claim of waiter.claims) {
      if (claim.line !== undefined) this.#lines.leave(claim, claim.line);
    }
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
}
