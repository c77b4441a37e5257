/**
 * Opening, in one call, all that the processes of one cluster share on etcd, and giving it back in
 * one call: otherwise everybody would have to find the order by themselves.
 *
 * O1 What was opened before something failed is given back.
 * O2 Closing writes what was given back and is not written yet, then says that this process is
 *    gone, then hangs up. What is still held then is for others to take over.
 */
import type { Ids } from '../ports/clock.js';
import type { KvStore } from '../ports/kv-store.js';
import type { Membership } from '../ports/membership.js';
import { type SharedStore, shareStore } from '../ports/shared-store.js';
import { joinEtcd, type JoinEtcdOptions } from './join-etcd.js';
import { SharedLockManager, type SharedLockOptions } from './locks/shared-lock-manager.js';
import { type EtcdStoreOptions, openEtcd } from './open-etcd.js';

/**
 * What opening a cluster's part of etcd needs.
 * @public
 */
export interface SharedEtcdOptions
  extends EtcdStoreOptions,
    Pick<JoinEtcdOptions, 'ttlMs'>,
    Pick<SharedLockOptions, 'agingMs' | 'maxTxnOps'> {
  /** Where the id of this process's membership comes from. */
  readonly ids: Ids;
}

/**
 * Opens a store on etcd that several processes share: connects, joins those who are alive, and
 * opens their locks. Its value is `store` of `openCluster`. Close the cluster first, then this
 * store: that says to the others that this process is gone.
 *
 * Rejects as `openEtcd`, `joinEtcd` and `SharedLockManager.open` do; nothing stays open then.
 * @public
 */
export async function openSharedEtcd(options: SharedEtcdOptions): Promise<SharedStore> {
  const store = await openEtcd(options);
  return openedOrClosed(
    () => store.close(),
    async () => {
      const membership = await joinEtcd({ ...options, store });
      return openedOrClosed(
        () => membership.leave(),
        () => shareLocks(store, membership, options),
      );
    },
  );
}

async function shareLocks(
  store: KvStore,
  membership: Membership,
  options: SharedEtcdOptions,
): Promise<SharedStore> {
  const locks = await SharedLockManager.open({ ...options, kv: store, membership });
  const shared = shareStore(store, { locks, membership });
  const close = async (): Promise<void> => {
    await locks.close();
    await shared.close();
  };
  return { ...shared, close };
}

/** See O1. The error that counts is the first one. */
async function openedOrClosed<T>(close: () => Promise<void>, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
