/**
 * The words of locking which every room speaks: levels, modes and names of locks.
 */

/**
 * Lock levels in the order in which they are taken. A holder of a lock of one level asks for locks
 * of that level or of later ones only. (Ganeti's levels, `locking.LEVELS`.)
 * @public
 */
export const LOCK_LEVELS = [
  'cluster',
  'instance',
  'nodegroup',
  'node',
  'node-res',
  'network',
] as const;

/**
 * One level of the lock hierarchy.
 * @public
 */
export type LockLevel = (typeof LOCK_LEVELS)[number];

/**
 * The levels on which an LU asks for locks by name; the processor itself takes the cluster level.
 * @public
 */
export type PlannedLevel = Exclude<LockLevel, 'cluster'>;

/**
 * `shared` admits other shared owners, `exclusive` admits nobody.
 * @public
 */
export type LockMode = 'shared' | 'exclusive';

/**
 * A lock's full name: its level and the object's name (instances) or id (all others).
 * @public
 */
export type LockName = `${LockLevel}/${string}`;

/**
 * The one lock of the cluster level ("big Ganeti lock").
 * @public
 */
export const BIG_LOCK: LockName = 'cluster/BGL';

/**
 * The name which stands for a whole level: its owner owns every lock of the level, those of
 * objects made later included.
 * @public
 */
export const WHOLE_SET = '[lockset]';
