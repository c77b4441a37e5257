/**
 * The entry `logical-units/lmdb`: the key-value store on disk, for one process.
 *
 * @packageDocumentation
 */
export { type LmdbOptions, openLmdb } from './open-lmdb.js';
