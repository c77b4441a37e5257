/**
 * What an LU wants locked. A plan is plain data: nothing is acquired here.
 */
import type { LockMode, PlannedLevel } from './level.js';

/**
 * All that an LU wants on one level. A union, so that combinations that make no sense (taking what
 * is free *and* adding names, taking the whole level *and* adding names) cannot be written down.
 * @public
 */
export type LockWant = WantNames | WantAll | WantAvailable;

/**
 * These names, all of them.
 * @public
 */
export interface WantNames {
  /** How the names are wanted. */
  readonly want: 'names';
  /** The objects' lock names on this level. */
  readonly names: readonly string[];
  /** Shared or exclusive. */
  readonly mode: LockMode;
  /** Names about to be created: locked although the configuration does not know them yet. */
  readonly adds?: readonly string[];
}

/**
 * The whole level, objects that do not exist yet included.
 * @public
 */
export interface WantAll {
  /** How the names are wanted. */
  readonly want: 'all';
  /** Shared or exclusive. */
  readonly mode: LockMode;
}

/**
 * Whatever is free among the candidates (opportunistic locking), at least `atLeast` of them.
 * @public
 */
export interface WantAvailable {
  /** How the names are wanted. */
  readonly want: 'available';
  /** The candidates; `'all'` are all objects that the configuration knows. */
  readonly among: 'all' | readonly string[];
  /** Shared or exclusive. */
  readonly mode: LockMode;
  /** With fewer free ones the request waits; 1 if not given. */
  readonly atLeast?: number;
}

/**
 * What an LU wants per level. A `'deferred'` level is settled by `LogicalUnit.declareLocks` once
 * the levels below it are held. Levels not mentioned need no locks.
 * @public
 */
export type LockPlan = { readonly [L in PlannedLevel]?: LockWant | 'deferred' };

/**
 * These names, exclusively.
 * @public
 */
export function exclusive(...names: readonly string[]): WantNames {
  return { want: 'names', names, mode: 'exclusive' };
}

/**
 * These names, shared.
 * @public
 */
export function shared(...names: readonly string[]): WantNames {
  return { want: 'names', names, mode: 'shared' };
}

/**
 * A name about to be created, exclusively.
 * @public
 */
export function adding(...names: readonly string[]): WantNames {
  return { want: 'names', names: [], mode: 'exclusive', adds: names };
}

/**
 * The whole level.
 * @public
 */
export function everyone(mode: LockMode): WantAll {
  return { want: 'all', mode };
}

/**
 * Whatever is free, at least `atLeast` locks.
 * @public
 */
export function available(
  mode: LockMode,
  atLeast = 1,
  among: 'all' | readonly string[] = 'all',
): WantAvailable {
  return { want: 'available', among, mode, atLeast };
}

/**
 * The locks that the current attempt holds.
 * @public
 */
export interface HeldLocks {
  /** Names held on a level. A whole level is expanded to the objects that exist. */
  at(level: PlannedLevel): ReadonlySet<string>;
}

/**
 * Held locks that may shrink. There is no method that makes them grow.
 * @public
 */
export interface NarrowableLocks extends HeldLocks {
  /** Gives back everything on a level but these names. Names not held are ignored. */
  keepOnly(level: PlannedLevel, names: Iterable<string>): void;
  /** Turns exclusive ownership of a level's names into shared; wakes those who can share. */
  downgrade(level: PlannedLevel, names?: Iterable<string>): void;
}
