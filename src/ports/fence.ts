/**
 * How an owner of locks proves that they are still its own. Where several processes share the
 * locks, one that was cut off or asleep may not know that its locks went to somebody else; whoever
 * is asked to change something compares, instead of believing.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { KvCompare } from './kv-store.js';

/**
 * The right of one owner of locks, at one moment.
 * @public
 */
export interface LockFence {
  /**
   * Grows with everything that the owner is granted, and when its locks pass to another process.
   * Of two owners who had the same lock one after the other, the later one has the larger token.
   */
  readonly token: number;
  /**
   * Holds as long as the owner has its locks: a condition for transactions on the store in which
   * the locks are kept.
   */
  readonly compare: KvCompare;
  /** What the owner holds; the token counts for these locks. */
  readonly locks: ReadonlyMap<LockName, LockMode>;
}

/**
 * Says what proves the right to act, anew each time it is asked: the proof changes with what its
 * owner is granted. `undefined` where nothing can come between an owner and its locks. Throws
 * `LockLost` once the right is gone.
 * @public
 */
export interface FenceSource {
  /** The proof, as it is now. */
  (): LockFence | undefined;
  /**
   * Makes all proofs given so far worthless, so that nothing sent with them is carried out any
   * more; see `LockManager.renew`. Absent where that cannot be done: then a lost answer stays lost.
   */
  readonly renew?: () => Promise<void>;
}
