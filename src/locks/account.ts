/**
 * What one owner has and waits for. It stays while that changes, and for a while when there is
 * nothing on it; see `owners.ts`.
 */
import type { Hold } from './hold.js';

/** `W`: what stands for a request that waits. */
export class Account<W> {
  /** The owner's highest hold. */
  head: Hold | undefined;
  /** Its request that waits. */
  waiter: W | undefined = undefined;

  constructor(head: Hold | undefined) {
    this.head = head;
  }

  /** Whether the owner holds nothing and does not wait. */
  get isIdle(): boolean {
    return this.head === undefined && this.waiter === undefined;
  }
}
