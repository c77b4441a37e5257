/**
 * The entry `logical-units/etcd`: what several processes share.
 *
 * @packageDocumentation
 */
export { SharedLockManager, type SharedLockOptions } from './locks/shared-lock-manager.js';
