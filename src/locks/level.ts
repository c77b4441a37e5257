/**
 * The order of locks. It is the one thing that keeps owners from waiting for each other in a ring,
 * so it is written down once, here. The words themselves belong to the model, because the port
 * speaks them too; who works with locks finds them in this room.
 *
 * O1 Levels ascend in the order of `LOCK_LEVELS`.
 * O2 Within a level the whole-set lock comes first, then names by code point.
 */
import { ProgrammerError } from '../errors.js';
import { LOCK_LEVELS, type LockLevel, type LockName, WHOLE_SET } from '../model/lock.js';

export {
  BIG_LOCK,
  LOCK_LEVELS,
  type LockLevel,
  type LockMode,
  type LockName,
  type PlannedLevel,
  WHOLE_SET,
} from '../model/lock.js';

/** The whole-set lock of each level, by the level's place in the order. */
export const SET_LOCKS: readonly LockName[] = LOCK_LEVELS.map(wholeSet);

/** A lock with its level's place in the order, from 0. */
export interface Placed {
  readonly lock: LockName;
  readonly rank: number;
}

/** The levels by the length of their names; finds a lock's level without cutting its name up. */
const LENGTHS: readonly { readonly length: number; readonly ranks: readonly number[] }[] =
  ranksByLength();

const SLASH = '/'.charCodeAt(0);

/** The full name of an object's lock. */
export function lockName(level: LockLevel, name: string): LockName {
  return `${level}/${name}`;
}

/** The full name of the lock that stands for a whole level. */
export function wholeSet(level: LockLevel): LockName {
  return lockName(level, WHOLE_SET);
}

/**
 * The place of a lock's level in the order, from 0.
 * Throws `ProgrammerError` if the name has no level, an unknown one, or nothing behind it.
 */
export function rankOf(lock: LockName): number {
  for (const { length, ranks } of LENGTHS) {
    if (lock.charCodeAt(length) !== SLASH || lock.length === length + 1) continue;
    for (const rank of ranks) if (lock.startsWith(LOCK_LEVELS[rank] ?? '')) return rank;
  }
  const levels = LOCK_LEVELS.join(', ');
  throw new ProgrammerError(
    `'${lock}' is no name of a lock: write <level>/<name>, the level one of ${levels}`,
  );
}

/** Order of all locks: negative if `a` comes first, 0 if they are the same lock. */
export function compareLocks(a: Placed, b: Placed): number {
  return a.rank - b.rank || compareInLevel(a.rank, a.lock, b.lock);
}

/** Order within one level: negative if `a` comes first, 0 if they are the same lock. */
export function compareInLevel(rank: number, a: LockName, b: LockName): number {
  if (a === b) return 0;
  const set = SET_LOCKS[rank];
  if (a === set) return -1;
  return b === set ? 1 : compareNames(rank, a, b);
}

/** The same for two locks of objects. */
export function compareNames(rank: number, a: LockName, b: LockName): number {
  return compareCodePoints(a, b, LOCK_LEVELS[rank]?.length ?? 0);
}

/**
 * JavaScript compares UTF-16 units, which misplaces names with characters beyond U+FFFF. `from`:
 * up to there they are the same.
 */
function compareCodePoints(a: string, b: string, from: number): number {
  let at = from;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return weigh(a.charCodeAt(at)) - weigh(b.charCodeAt(at));
}

/** The end of a name comes before all characters; surrogates come behind all others. */
function weigh(unit: number): number {
  if (Number.isNaN(unit)) return -1;
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function ranksByLength(): { length: number; ranks: number[] }[] {
  const lengths = new Set(LOCK_LEVELS.map((level) => level.length));
  return [...lengths]
    .sort((a, b) => a - b)
    .map((length) => ({
      length,
      ranks: LOCK_LEVELS.flatMap((level, rank) => (level.length === length ? [rank] : [])),
    }));
}
