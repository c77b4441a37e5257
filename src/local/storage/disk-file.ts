/**
 * The file behind a disk: how it is made and opened, so that nothing else can be mistaken for it.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Disk } from '../../model/disk.js';
import { codeOf } from '../paths/errno.js';
import type { OpenDirectory } from '../paths/walk.js';
import { freeBytes } from './allocate.js';
import { Refusal } from './attempt.js';
import type { Stretch } from './zeros.js';

const MIB = 1024 * 1024;

/** Size of a disk in bytes. */
export function bytesOf(disk: Pick<Disk, 'sizeMib'>): number {
  return disk.sizeMib * MIB;
}

/**
 * What is to be overwritten: the whole disk, if nothing else is said.
 * @public
 */
export interface WipeRequest {
  /** The disk. */
  readonly disk: Disk;
  /** Where to begin, MiB. */
  readonly offsetMib?: number;
  /** How much, MiB. */
  readonly lengthMib?: number;
}

/** The stretch that a request means; one that leaves the disk is refused. */
export function stretchOf({ disk, offsetMib = 0, lengthMib }: WipeRequest): Stretch {
  const bytes = (lengthMib ?? disk.sizeMib - offsetMib) * MIB;
  const from = offsetMib * MIB;
  const isInside = from >= 0 && bytes >= 0 && from + bytes <= bytesOf(disk);
  if (!isInside || !Number.isSafeInteger(from) || !Number.isSafeInteger(bytes)) {
    throw new Refusal(`there are no ${bytes / MIB} MiB from ${offsetMib} MiB on that disk`);
  }
  return { from, bytes };
}

/** Asked before anything is made: setting a length alone never fails for want of space. */
export async function requireSpace(
  directory: OpenDirectory,
  disk: Pick<Disk, 'sizeMib'>,
): Promise<void> {
  const freeMib = Math.floor((await freeBytes(directory.at('.'))) / MIB);
  if (disk.sizeMib <= freeMib) return;
  const wanted = `it needs ${disk.sizeMib} MiB, and ${freeMib} MiB are free there`;
  throw new Refusal(`${wanted}; free some space or ask for a smaller disk`);
}

/** Makes an empty file for its owner's eyes only; fails if the name is taken, by whatever. */
export async function makeFile(path: string): Promise<FileHandle> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
  try {
    return await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new Refusal(
      'something with that name exists already, and was not touched; remove it first',
      { cause: error },
    );
  }
}

/** Opens an existing disk file. Never waits, should it turn out to be a pipe. */
export async function openFile(path: string): Promise<FileHandle> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
  const file = await open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = await file.stat();
    requireFile(found);
    if (found.nlink > 1) throw new Refusal('the file has a second name (hard link) somewhere');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Refuses everything that is no regular file. */
export function requireFile(found: { isFile(): boolean; isSymbolicLink(): boolean }): void {
  if (found.isFile()) return;
  const kind = found.isSymbolicLink() ? 'a symbolic link' : 'no regular file';
  throw new Refusal(`what is there is ${kind}, and was not touched`);
}
