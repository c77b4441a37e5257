/**
 * A store that several processes work on at the same time, with what they need for that: locks
 * which all of them share, and a way to tell who is alive. One value, so that a cluster on it is
 * opened like any other.
 */
import type { KvStore } from './kv-store.js';
import type { LockManager } from './lock-manager.js';
import type { Membership } from './membership.js';

/**
 * A store for several processes, as one of them sees it.
 * @public
 */
export interface SharedStore extends KvStore {
  /** The locks of all processes; their fences lie in this store. */
  readonly locks: LockManager;
  /** Whether this process counts as alive. */
  readonly membership: Membership;
}

/**
 * Makes one value of a store and what its processes share. Closing it ends the membership first, so
 * that others need not wait for this process.
 * @public
 */
export function shareStore(
  store: KvStore,
  shared: { readonly locks: LockManager; readonly membership: Membership },
): SharedStore {
  return {
    ...shared,
    get: (key) => store.get(key),
    range: (prefix) => store.range(prefix),
    txn: (compare, ops) => store.txn(compare, ops),
    watch: (prefix, after, signal) => store.watch(prefix, after, signal),
    close: async () => {
      await shared.membership.leave();
      await store.close();
    },
  };
}

/**
 * Whether a store brings locks that several processes share.
 * @public
 */
export function isSharedStore(store: KvStore): store is SharedStore {
  return 'locks' in store && 'membership' in store;
}
