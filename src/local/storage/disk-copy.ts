/**
 * Copies of disk files. Where the file system can share blocks, a copy is made at one moment and
 * takes no room; elsewhere it is read and written, and what is zeros stays a hole. Nobody may write
 * to the disk meanwhile; that is the caller's to see to.
 *
 * C1 a copy has its name once it is whole and on the disk; an older one of that name stays until
 *    then;
 * C2 what was begun is gone if the call fails. After a crash it is a file that is named after the
 *    copy, and goes with it.
 */
import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { codeOf } from '../paths/errno.js';
import type { PlacedPath } from '../paths/roots.js';
import { inParent, type OpenDirectory } from '../paths/walk.js';
import type { CallLimit } from '../process/limit.js';
import { freeBytes } from './allocate.js';
import { missingIsFine, Refusal } from './attempt.js';
import { writeAll } from './copy-image.js';
import { makeFile, openFile, requireFile } from './disk-file.js';

const MIB = 1024 * 1024;
/** Bytes looked at at a time; so many zeros become a hole. */
const CHUNK_BYTES = 256 * 1024;
/** Size of the units in which the system tells what a file takes. */
const BLOCK_BYTES = 512;

/** How the system says that two files cannot share blocks. */
const CANNOT_SHARE = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOTTY', 'ENOSYS']);

/** What is copied where. */
export interface DiskCopy {
  readonly from: PlacedPath;
  /** Size of the disk. */
  readonly bytes: number;
  readonly to: PlacedPath;
}

/** What a copy is made with. */
interface Tools {
  readonly limit: CallLimit;
  readonly onProgress: (fraction: number) => void;
}

/** Makes a copy. Throws `Refusal`, `UnsafePath`, or what the system says. */
export async function copyDisk({ from, bytes, to }: DiskCopy, tools: Tools): Promise<void> {
  if (from.path === to.path) throw new Refusal('a copy cannot lie where its disk lies');
  const source = await inParent(from, (directory, name) => openFile(directory.at(name)));
  try {
    const { size } = await source.stat();
    if (size < bytes) throw new Refusal(`its file has ${size} bytes, and the disk ${bytes}`);
    await inParent(to, async (directory, name) => {
      await requireReplaceable(directory, name);
      await removePart(directory, name);
      try {
        const part = directory.at(partOf(name));
        if (!(await isShared(source, part))) await fill(source, directory, part, tools);
        await rename(part, directory.at(name));
        await directory.sync();
      } catch (error) {
        await removePart(directory, name).catch(() => undefined);
        throw error;
      }
    });
  } finally {
    await source.close();
  }
}

/** Removes what a crash has left of a copy that was being made. */
export function removePart(directory: OpenDirectory, name: string): Promise<void> {
  return missingIsFine(async () => {
    requireFile(await lstat(directory.at(partOf(name))));
    await unlink(directory.at(partOf(name)));
    await directory.sync();
  });
}

/** What a copy is called until it is whole. */
function partOf(name: string): string {
  return `${name}.part`;
}

function requireReplaceable(directory: OpenDirectory, name: string): Promise<void> {
  return missingIsFine(async () => requireFile(await lstat(directory.at(name))));
}

/** False if the file system cannot do that; then nothing was made. */
async function isShared(source: FileHandle, part: string): Promise<boolean> {
  const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants;
  try {
    const path = `/proc/self/fd/${source.fd}`;
    await copyFile(path, part, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE);
  } catch (error) {
    if (!CANNOT_SHARE.has(codeOf(error) ?? '')) throw error;
    await missingIsFine(() => unlink(part));
    return false;
  }
  await chmod(part, 0o600);
  const file = await open(part, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

async function fill(
  source: FileHandle,
  directory: OpenDirectory,
  part: string,
  tools: Tools,
): Promise<void> {
  await requireRoom(source, directory);
  const file = await makeFile(part);
  try {
    await copyData(source, file, tools);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Found before it is begun: guests are down for as long as this takes. */
async function requireRoom(source: FileHandle, directory: OpenDirectory): Promise<void> {
  const { size, blocks } = await source.stat();
  const neededMib = Math.ceil(Math.min(size, blocks * BLOCK_BYTES) / MIB);
  const freeMib = Math.floor((await freeBytes(directory.at('.'))) / MIB);
  if (neededMib <= freeMib) return;
  const wanted = `a copy needs ${neededMib} MiB, and ${freeMib} MiB are free there`;
  throw new Refusal(`${wanted}; free some space`);
}

async function copyData(
  source: FileHandle,
  file: FileHandle,
  { limit, onProgress }: Tools,
): Promise<void> {
  const { size } = await source.stat();
  await file.truncate(size);
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let done = 0; done < size; onProgress(done / size)) {
    limit.check();
    const { bytesRead } = await source.read(buffer, 0, buffer.length, done);
    if (bytesRead === 0) throw new Refusal('its file became shorter meanwhile');
    const chunk = buffer.subarray(0, bytesRead);
    if (!chunk.equals(zeros.subarray(0, bytesRead))) await writeAll(file, chunk, done);
    done += bytesRead;
  }
}
