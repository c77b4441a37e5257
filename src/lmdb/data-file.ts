/**
 * The directory and the data file, before lmdb sees them. lmdb trusts its file: a damaged header or
 * a file that was cut short ends the process by a signal, which no caller can catch. So the header
 * is looked at first, and missing pages are made up as empty ones, which lmdb reports as damaged.
 */
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../errors.js';
import { errnoOf } from './owner.js';

const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;

/** Parts of lmdb's header pages on 64-bit machines: where they are and what they must be. */
const HEADER_BYTES = 168;
const META_FLAG = 8;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;

/**
 * Makes the directory and the files, for their owner only, and looks at the data file. Throws
 * `ConfigError`: `io` if that cannot be done, `corrupt` if the file is none of lmdb's.
 */
export function prepareDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_DIR });
    chmodSync(path, PRIVATE_DIR);
    for (const name of ['data.mdb', 'lock.mdb']) makePrivate(join(path, name));
    sync(path);
  } catch (error) {
    throw unwritable(path, error);
  }
  checkDataFile(join(path, 'data.mdb'));
}

function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', PRIVATE_FILE));
  chmodSync(file, PRIVATE_FILE);
}

/** Makes the names in a directory durable. */
function sync(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  } finally {
    closeSync(directory);
  }
}

function checkDataFile(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    // An empty file is a new one: a process may die between making it and writing to it.
    if (size === 0) return;
    const first = readHeader(descriptor, 0, file);
    const second = readHeader(descriptor, first.pageSize, file);
    const newest = first.txn > second.txn ? first : second;
    const wanted = (newest.lastPage + 1) * first.pageSize;
    if (size < wanted) ftruncateSync(descriptor, wanted);
  } finally {
    closeSync(descriptor);
  }
}

interface Header {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly txn: number;
}

function readHeader(descriptor: number, offset: number, file: string): Header {
  const page = Buffer.alloc(HEADER_BYTES);
  const isWhole = readSync(descriptor, page, 0, HEADER_BYTES, offset) === HEADER_BYTES;
  const isMeta = (page.readUInt16LE(18) & META_FLAG) !== 0 && page.readUInt32LE(24) === MAGIC;
  if (!isWhole || !isMeta || page.readUInt16LE(28) !== DATA_VERSION) {
    throw new ConfigError(
      `'${file}' is damaged, or not written by lmdb; restore it from a backup or remove it`,
      'corrupt',
    );
  }
  return {
    pageSize: page.readUInt32LE(48),
    lastPage: Number(page.readBigUInt64LE(144)),
    txn: Number(page.readBigUInt64LE(152)),
  };
}

function unwritable(path: string, cause: unknown): ConfigError {
  const reason = REASONS[errnoOf(cause) ?? ''] ?? String(cause);
  return new ConfigError(
    `The directory '${path}' cannot be used for a store: ${reason}; choose another one`,
    'io',
    { cause },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  EPERM: 'it belongs to somebody else',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'there is a file of that name',
  ENOSPC: 'the disk is full',
  ENOENT: 'a part of the path is not there',
  EISDIR: 'there are directories where its files should be',
};
