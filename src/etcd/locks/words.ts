/**
 * What is said to the table. A member's own words are numbered in the order in which it says them,
 * and are carried out in that order; the chores which any member may do for all are not.
 */
import type { LockLevel, LockMode, LockName } from '../../model/lock.js';
import type { LockRequest, LockUnit, OwnerId } from '../../ports/lock-manager.js';

/** How a request is meant. */
interface Asking {
  readonly priority: number;
  /** Whether it is refused if it cannot be granted at once. */
  readonly mayWait: boolean;
}

/** What becomes of an owner. */
export type Deed =
  | ({ readonly do: 'ask'; readonly requests: readonly LockRequest[] } & Asking)
  | ({
      readonly do: 'choose';
      readonly units: readonly LockUnit[];
      readonly mode: LockMode;
      readonly atLeast: number;
    } & Asking)
  /** Ends a request. If it was granted meanwhile, the owner goes back to what it held before. */
  | { readonly do: 'cancel'; readonly request: number; readonly keep: ReadonlySet<LockName> }
  | { readonly do: 'release'; readonly locks: readonly LockName[] }
  | { readonly do: 'releaseAll' }
  /** Writes the owner's fence anew. */
  | { readonly do: 'renew' }
  | { readonly do: 'narrow'; readonly level: LockLevel; readonly keep: ReadonlySet<LockName> }
  | { readonly do: 'downgrade'; readonly locks: readonly LockName[] };

/** Something that a member says for one of its owners. */
export type Word = Deed & {
  readonly owner: OwnerId;
  /** Its number among all that the member has said. */
  readonly said: number;
};

/** What may be done for the table whoever it concerns. */
export type Chore =
  /** Lets those go whom a transaction that was full has left. */
  | { readonly do: 'settle' }
  /** Takes away that a member that is gone asked for its turn. */
  | { readonly do: 'clear'; readonly of: string }
  /** Takes away what an owner waits for, whose member is gone. */
  | { readonly do: 'drop'; readonly owner: OwnerId; readonly of: string }
  /** Makes an owner whose member is gone this member's. */
  | { readonly do: 'adopt'; readonly owner: OwnerId; readonly of: string };
