/**
 * Where waiting requests stand: for every level a line before it, one at its entry, and one for
 * each lock of a single object that somebody waits for. Lines of locks exist while somebody stands
 * there.
 */
import type { LockName } from '../model/lock.js';
import type { Want } from './ledger.js';
import { SET_LOCKS } from './level.js';
import { Line } from './line.js';
import { Register } from './register.js';
import type { Claim } from './waiter.js';

/** Where claims to one level stand. */
export interface LevelLines {
  /** Claims to locks of single objects, by lock. */
  readonly locks: Register<LockName, Line<Claim>>;
  /** Requests for single objects that may not enter the level yet. */
  readonly entry: Line<Claim>;
  /** Requests for the whole level, or for what is free in it. */
  readonly whole: Line<Claim>;
}

export class Lines {
  readonly #levels: readonly LevelLines[] = SET_LOCKS.map((lock, rank) => ({
    locks: new Register('cluster/'),
    entry: new Line('entry', rank, lock),
    whole: new Line('whole', rank, lock),
  }));

  /** The lines of a level. */
  level(rank: number): LevelLines {
    const lines = this.#levels[rank];
    if (lines === undefined) throw new RangeError(`There is no lock level ${rank}`);
    return lines;
  }

  /** The line for a claim's own lock. */
  home(claim: Claim): Line<Claim> {
    const { locks, whole } = this.level(claim.rank);
    if (isSet(claim)) return whole;
    let line = locks.get(claim.lock);
    if (line === undefined) {
      line = new Line('lock', claim.rank, claim.lock);
      locks.set(claim.lock, line);
    }
    return line;
  }

  /** Puts a claim into a line. */
  enter(claim: Claim, line: Line<Claim>): void {
    line.add(claim);
    claim.line = line;
  }

  /** Takes a claim out of the line where it stands. */
  leave(claim: Claim, line: Line<Claim>): void {
    line.remove(claim);
    claim.line = undefined;
    if (line.kind === 'lock' && line.size === 0) this.level(line.rank).locks.delete(line.lock);
  }
}

/** Whether a want is for a whole level. */
export function isSet(want: Want): boolean {
  return want.lock === SET_LOCKS[want.rank];
}
