/**
 * The directory and the data file, before lmdb sees them. lmdb trusts its file: a damaged one ends
 * the process by a signal, or makes it spin, which no caller can catch. So the file is looked at
 * first, and damage is an error like any other.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../errors.js';
import { errnoOf } from './owner.js';
import { type FileLayout, findDamage, type Tree } from './page-check.js';

const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;

/** lmdb's header pages on 64-bit machines with little-endian numbers, which are all that count. */
const HEADER_BYTES = 168;
const META_FLAG = 8;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const KNOWN_MACHINES: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

/** How often the look at a file is repeated because its owner has written to it meanwhile. */
const LOOKS = 5;

/**
 * Makes the directory and the files, for their owner only, and looks at the data file. Throws
 * `ConfigError`: `io` if that cannot be done, `corrupt` if the file is none of lmdb's.
 */
export function prepareDirectory(path: string): void {
  try {
    makeDirectory(path);
    chmodSync(path, PRIVATE_DIR);
    for (const name of ['data.mdb', 'lock.mdb']) makePrivate(join(path, name));
    sync(path);
  } catch (error) {
    throw unwritable(path, error);
  }
  checkDataFile(join(path, 'data.mdb'));
}

/** Makes a directory and those above it. (Node's own way never ends below `/proc`.) */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: PRIVATE_DIR });
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
  if (!KNOWN_MACHINES.includes(process.arch)) return;
  const descriptor = openSync(file, 'r');
  try {
    // An empty file is a new one: a process may die between making it and writing to it.
    if (fstatSync(descriptor).size === 0) return;
    // A file that changes has an owner, who will be found; what is half-read of it says nothing.
    for (let look = 0; look < LOOKS; look++) {
      const header = newestHeader(descriptor, file);
      const damage = findDamage({ descriptor, ...header });
      if (damage === undefined) return;
      if (newestHeader(descriptor, file).txn === header.txn) throw damaged(file, damage);
    }
  } finally {
    closeSync(descriptor);
  }
}

interface Header extends Omit<FileLayout, 'descriptor'> {
  readonly txn: bigint;
}

function newestHeader(descriptor: number, file: string): Header {
  const first = readHeader(descriptor, 0, file);
  const second = readHeader(descriptor, first.pageSize, file);
  return first.txn > second.txn ? first : second;
}

function readHeader(descriptor: number, offset: number, file: string): Header {
  const page = Buffer.alloc(HEADER_BYTES);
  const isWhole = readSync(descriptor, page, 0, HEADER_BYTES, offset) === HEADER_BYTES;
  const isMeta = (page.readUInt16LE(18) & META_FLAG) !== 0 && page.readUInt32LE(24) === MAGIC;
  const pageSize = page.readUInt32LE(48);
  const hasSize = pageSize >= 512 && pageSize <= 0x1_0000;
  if (!isWhole || !isMeta || page.readUInt16LE(28) !== DATA_VERSION || !hasSize) {
    throw damaged(file, 'its header is not one of lmdb');
  }
  const treeAt = (at: number): Tree => ({
    entries: page.readBigUInt64LE(at + 32),
    root: page.readBigUInt64LE(at + 40),
  });
  return {
    pageSize,
    trees: [treeAt(48), treeAt(96)],
    lastPage: Number(page.readBigUInt64LE(144)),
    txn: page.readBigUInt64LE(152),
  };
}

function damaged(file: string, why: string): ConfigError {
  const message = `'${file}' is damaged: ${why}; restore it from a backup, or remove it`;
  return new ConfigError(message, 'corrupt');
}

function unwritable(path: string, cause: unknown): unknown {
  const errno = errnoOf(cause);
  if (errno === undefined) return cause;
  const reason = REASONS[errno] ?? String(cause);
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
