/**
 * What somebody who is told to change things remembers of fences, to refuse those who come too late
 * (the guard of a node). Tokens only grow, so one number for each lock and mode is all that counts.
 *
 * G1 A lock that is held exclusively needs a token at least as large as all that were seen with it;
 *    a shared one as all that were seen with it exclusively: owners that share do not outdate each
 *    other.
 * G2 The lock for a whole level counts for every lock of the level, and the other way round.
 * G3 An owner without any exclusive lock is at least told from its own past: what another process
 *    did in its name after taking it over.
 */
import { type LockMode, type LockName, WHOLE_SET } from '../model/lock.js';
import type { LockFence } from './fence.js';

/**
 * A lock whose token was outdated.
 * @public
 */
export interface OutdatedLock {
  /** The lock, or the key of the owner's fence (G3). */
  readonly lock: string;
  /** The token that was seen with it. */
  readonly seen: number;
}

/**
 * One lock of a fence: what a token is remembered for.
 * @public
 */
export interface FencedLock {
  /** The lock's level. */
  readonly level: string;
  /** Its name within the level. */
  readonly name: string;
  /** How it is held. */
  readonly mode: LockMode;
}

interface Seen {
  shared: number;
  exclusive: number;
}

/**
 * The locks of a fence, each by level and name (G3 among them).
 * @public
 */
export function locksOfFence({ locks, compare }: LockFence): readonly FencedLock[] {
  const fenced = Array.from(locks, ([lock, mode]) => ({ ...split(lock), mode }));
  if (fenced.some(({ mode }) => mode === 'exclusive')) return fenced;
  return [...fenced, { level: 'owner', name: compare.key, mode: 'exclusive' }];
}

/**
 * The largest tokens that were seen.
 * @public
 */
export class SeenFences {
  readonly #levels = new Map<string, Map<string, Seen>>();
  /** Stands for locks that are not remembered one by one. */
  readonly #floor: number;

  /** `floor`: the largest token that may have been forgotten; 0 if not given. */
  constructor(floor: number = 0) {
    this.#floor = floor;
  }

  /** Which of the locks has been seen with too large a token; `undefined`: none, go on. */
  outdates(locks: readonly FencedLock[], token: number): OutdatedLock | undefined {
    for (const lock of locks) {
      const seen = this.#against(lock);
      if (token < seen) return { lock: `${lock.level}/${lock.name}`, seen };
    }
    return undefined;
  }

  /** The locks with which no token as large as this was seen yet, in their modes. */
  news(locks: readonly FencedLock[], token: number): readonly FencedLock[] {
    return locks.filter(({ level, name, mode }) => {
      return token > (this.#levels.get(level)?.get(name)?.[mode] ?? 0);
    });
  }

  /** Remembers a token. */
  see({ level, name, mode }: FencedLock, token: number): void {
    let names = this.#levels.get(level);
    if (names === undefined) this.#levels.set(level, (names = new Map<string, Seen>()));
    let seen = names.get(name);
    if (seen === undefined) names.set(name, (seen = { shared: 0, exclusive: 0 }));
    seen[mode] = Math.max(seen[mode], token);
  }

  /** The largest token that matters to a lock. */
  #against({ level, name, mode }: FencedLock): number {
    const names = this.#levels.get(level);
    const counted = (seen: Seen | undefined): number => {
      if (seen === undefined) return 0;
      return mode === 'shared' ? seen.exclusive : Math.max(seen.shared, seen.exclusive);
    };
    if (name === WHOLE_SET) {
      const all = Array.from(names?.values() ?? [], counted);
      return Math.max(this.#floor, ...all);
    }
    const own = names?.get(name);
    return Math.max(own === undefined ? this.#floor : counted(own), counted(names?.get(WHOLE_SET)));
  }
}

function split(lock: LockName): { level: string; name: string } {
  const end = lock.indexOf('/');
  return { level: lock.slice(0, end), name: lock.slice(end + 1) };
}
