/**
/**
 * The entry `logical-units/etcd`: what several processes share. The key-value store on etcd, who of
 * the processes counts as alive, and their locks.
 *
 * @packageDocumentation
 */
export { type EtcdOptions, type EtcdTls } from './client/options.js';
export { EtcdKvStore } from './etcd-kv-store.js';
export { joinEtcd, type JoinEtcdOptions } from './join-etcd.js';
export { SharedLockManager, type SharedLockOptions } from './locks/shared-lock-manager.js';
export { type EtcdStoreOptions, openEtcd } from './open-etcd.js';
export { openSharedEtcd, type SharedEtcdOptions } from './open-shared-etcd.js';
