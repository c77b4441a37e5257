/**
 * Where waiting requests stand: for every level a line before it, one at its entry, and one for
 * each lock of a single object that somebody waits for. Lines of locks exist while somebody stands
 * there.
 */
import type { LockName } from '../model/lock.js';
import type { Hold, Want } from './hold.js';
import { SET_LOCKS } from './level.js';
import { type Heads, isFront } from './heads.js';
import { Line } from './line.js';
import type { Claim } from './waiter.js';

/** Where claims to one level stand. */
export interface LevelLines {
  /** Those of locks of single objects. */
  readonly locks: Set<Line<Claim>>;
  /** Requests for single objects that may not enter the level yet. */
  readonly entry: Line<Claim>;
  /** Requests for the whole level, or for what is free in it. */
  readonly whole: Line<Claim>;
}

export class Lines {
  readonly #books: Heads<Line<Claim>>;
  readonly #levels: readonly LevelLines[] = SET_LOCKS.map((lock, rank) => ({
    locks: new Set(),
    entry: new Line('entry', rank, lock),
    whole: new Line('whole', rank, lock),
  }));

  /** `books`: where the lines of locks are to be found, by lock. */
  constructor(books: Heads<Line<Claim>>) {
    this.#books = books;
  }

  /** The lines of a level. */
  level(rank: number): LevelLines {
    const lines = this.#levels[rank];
    if (lines === undefined) throw new RangeError(`There is no lock level ${rank}`);
    return lines;
  }

  /** The line for a claim's own lock. */
  home(claim: Claim): Line<Claim> {
    if (isSet(claim)) return this.level(claim.rank).whole;
    const entry = this.#books.entry(claim.lock);
    if (entry !== undefined && isFront(entry)) return entry;
    return this.open(claim, entry);
  }

  /** A line for a lock of an object that has none yet. `head`: the newest hold of the lock. */
  open({ lock, rank }: Claim, head: Hold | undefined): Line<Claim> {
    const line = new Line<Claim>('lock', rank, lock);
    line.head = head;
    this.#books.open(lock, line);
    this.level(rank).locks.add(line);
    return line;
  }

  /** The line for a lock of a single object, if somebody stands there. */
  at(lock: LockName): Line<Claim> | undefined {
    return this.#books.front(lock);
  }

  /** Puts a claim into a line. */
  enter(claim: Claim, line: Line<Claim>): void {
    line.add(claim);
    if (!claim.waiter.isAlone) line.others++;
    claim.line = line;
  }

  /** Takes a claim out of the line where it stands. */
  leave(claim: Claim, line: Line<Claim>): void {
    line.remove(claim);
    claim.line = undefined;
    if (!claim.waiter.isAlone) line.others--;
    if (line.kind === 'lock' && line.size === 0) this.close(line);
  }

  /** Takes the line of a lock away, in which nobody stands. */
  close(line: Line<Claim>): void {
    this.#books.close(line.lock, line);
    this.level(line.rank).locks.delete(line);
  }
}

/** Whether a want is for a whole level. */
export function isSet(want: Want): boolean {
  return want.lock === SET_LOCKS[want.rank];
}
