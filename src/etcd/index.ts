/**
 * The entry `logical-units/etcd`: the key-value store on etcd, for several processes, and who of
 * them counts as alive.
 *
 * @packageDocumentation
 */
export { type EtcdOptions, type EtcdTls } from './client/options.js';
export { EtcdKvStore } from './etcd-kv-store.js';
export { joinEtcd, type JoinEtcdOptions } from './join-etcd.js';
export { type EtcdStoreOptions, openEtcd } from './open-etcd.js';
