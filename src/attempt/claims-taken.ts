/**
 * Another process was faster: what an attempt has claimed belongs to somebody else. Nothing was
 * done yet, so the operation starts again, a number of times, with what is known now.
 */
import { ConfigError } from '../errors.js';

/** How often an operation starts again for this reason. */
const RESTARTS = 16;

/** Thrown between the plan and the work; outside it looks like any conflict. */
export class ClaimsTaken extends ConfigError {
  constructor(opName: string, taken: string) {
    super(`${opName} claimed what another process claimed first: ${taken}; try again`, 'conflict');
  }
}

/** Counts the restarts of one operation. */
export class ClaimRestarts {
  #left = RESTARTS;

  /** Whether the error says that claims were taken, and there is another attempt; uses it up. */
  next(error: unknown): boolean {
    if (!(error instanceof ClaimsTaken) || this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
