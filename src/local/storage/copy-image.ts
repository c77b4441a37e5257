/**
 * Writes an image, a file of this machine, to the beginning of a disk. What comes after it on the
 * disk stays as it is.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { CallLimit } from '../process/limit.js';
import { Refusal } from './attempt.js';

/** Bytes copied at a time: 8 MiB. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** Opens an image; refuses what is no regular file of this machine. */
export async function openImage(image: string): Promise<FileHandle> {
  if (!isAbsolute(image)) {
    throw new Refusal(`the image '${image}' is no absolute path; this node fetches nothing`);
  }
  const file = await open(image, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Refusal(`the image '${image}' is no regular file`);
}

/** Copies the whole image, durably; refuses one that is larger than the disk. */
export async function copyImage(
  image: FileHandle,
  disk: { readonly file: FileHandle; readonly bytes: number },
  limit: CallLimit,
  onProgress: (fraction: number) => void,
): Promise<void> {
  const { size } = await image.stat();
  if (size > disk.bytes) {
    throw new Refusal(`the image has ${size} bytes, and the disk ${disk.bytes}; enlarge the disk`);
  }
  const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, size));
  for (let done = 0; done < size; onProgress(done / size)) {
    limit.check();
    const { bytesRead } = await image.read(buffer, 0, buffer.length, done);
    if (bytesRead === 0) throw new Refusal('the image became shorter meanwhile');
    await writeAll(disk.file, buffer.subarray(0, bytesRead), done);
    done += bytesRead;
  }
  await disk.file.datasync();
}

/** Writes all of the bytes to a place in a file. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
