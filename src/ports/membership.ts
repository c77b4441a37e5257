/**
 * Whether this process counts as alive among those which share a store. A process that does not
 * say so in time is taken for dead, and others take over what it had.
 */

/**
 * All keys that say who is alive begin with this; the rest is the member's id. A key is there as
 * long as its member counts as alive, and goes by itself when that ends.
 * @public
 */
export const MEMBERS_PREFIX = 'members/';

/**
 * The membership of this process. It ends once, and for good: who wants to come back joins anew.
 * @public
 */
export interface Membership {
  /** A fresh id for each time that a process joins. */
  readonly id: string;
  /**
   * Fires when the process must stop: its time has run out by its own monotonic clock, which is
   * before anybody else may take over, whether or not the network answers. Its reason says why.
   * Also fires on `leave`.
   */
  readonly signal: AbortSignal;
  /** Ends the membership at once; others need not wait. Twice is harmless; never rejects. */
  leave(): Promise<void>;
}
