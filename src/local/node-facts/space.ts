/**
 * The space below a directory, as its file system states it.
 */
import { statfs } from 'node:fs/promises';
import type { StorageSpace, StorageUnit } from '../../ports/node-facts.js';

const BYTES_PER_MIB = 1024 * 1024;

/** Kinds of storage that are directories of this machine. */
const DIRECTORIES: ReadonlySet<StorageUnit['kind']> = new Set(['file', 'sharedfile', 'gluster']);

/**
 * Size of a storage and what of it this process could use. Rejects with the system's error if the
 * directory is not there; a storage that is no directory has no numbers.
 */
export async function storageSpace(unit: StorageUnit): Promise<StorageSpace> {
  if (!DIRECTORIES.has(unit.kind)) return { kind: unit.kind, key: unit.key };
  const { blocks, bavail, bsize } = await statfs(unit.key);
  return {
    kind: unit.kind,
    key: unit.key,
    totalMib: Math.floor((blocks * bsize) / BYTES_PER_MIB),
    freeMib: Math.floor((bavail * bsize) / BYTES_PER_MIB),
  };
}
