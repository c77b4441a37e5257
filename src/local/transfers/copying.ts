/**
 * Between an open file and a stream.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../process/run-fed.js';
import { Refusal } from '../storage/attempt.js';

const MIB = 1024 * 1024;
/** Bytes read at a time. */
const CHUNK_BYTES = MIB;

/** The first so many bytes of a file; throws if there are not as many. */
export async function* read(file: FileHandle, size: number, signal: AbortSignal): Bytes {
  for (let done = 0; done < size; ) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - done));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, done);
    if (bytesRead === 0) throw new Refusal(`the file became shorter than ${size} bytes meanwhile`);
    done += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/**
 * Writes a stream to the beginning of a file, durably; answers with how many bytes it was. Not a
 * byte is written beyond `limitBytes`.
 */
export async function write(
  bytes: Bytes,
  file: FileHandle,
  signal: AbortSignal,
  limitBytes: number = Number.POSITIVE_INFINITY,
): Promise<number> {
  let done = 0;
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    if (done + chunk.length > limitBytes) {
      throw new Refusal(`the contents exceed the disk's ${limitBytes / MIB} MiB; enlarge the disk`);
    }
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, at, chunk.length - at, done + at);
      at += bytesWritten;
    }
    done += chunk.length;
  }
  signal.throwIfAborted();
  await file.sync();
  return done;
}
