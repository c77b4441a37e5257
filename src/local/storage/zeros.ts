/**
 * Writing zeros fast. Direct I/O needs memory that begins on a page: an ordinary buffer does not,
 * WebAssembly's memory does. Where the file system knows no direct I/O the same loop writes
 * through the cache and ends with a flush.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from '../paths/errno.js';
import type { CallLimit } from '../process/limit.js';

/** The one thing needed of WebAssembly, which the compiler's library for servers leaves out. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    initial: number;
    maximum: number;
  }) => {
    readonly buffer: ArrayBuffer;
  };
};

const CHUNK_PAGES = 128;
const PAGE_BYTES = 65_536;
/** Bytes written at a time: 8 MiB. */
const CHUNK_BYTES = CHUNK_PAGES * PAGE_BYTES;
/** What direct I/O wants offsets and lengths to be multiples of, on any common device. */
const ALIGNMENT = 4096;

/** A part of a file. */
export interface Stretch {
  /** Where it begins, bytes. */
  readonly from: number;
  /** Its length. */
  readonly bytes: number;
}

/** Writing stopped half-way. */
export class IncompleteWrite extends Error {
  override readonly name = 'IncompleteWrite';
  /** Bytes that were written. */
  readonly writtenBytes: number;

  constructor(writtenBytes: number, cause: unknown) {
    super('writing stopped half-way', { cause });
    this.writtenBytes = writtenBytes;
  }
}

/** Fills files with zeros. All calls share one buffer, made on first use: none writes to it. */
export class ZeroWriter {
  #zeros: Uint8Array | undefined;

  /**
   * Overwrites a stretch of an open file, durably.
   * Throws `CallEnded` if the limit ends it, `IncompleteWrite` with the system's error as cause.
   */
  async fill(
    file: FileHandle,
    { from, bytes }: Stretch,
    limit: CallLimit,
    onProgress: (fraction: number) => void,
  ): Promise<void> {
    this.#zeros ??= new Uint8Array(
      new WebAssembly.Memory({ initial: CHUNK_PAGES, maximum: CHUNK_PAGES }).buffer,
    );
    const zeros = this.#zeros;
    const target = await Target.open(file);
    let done = 0;
    try {
      while (done < bytes) {
        limit.check();
        const length = Math.min(CHUNK_BYTES, bytes - done);
        done += await target.write(zeros.subarray(0, length), from + done);
        onProgress(done / bytes);
      }
      await target.flush();
    } catch (error) {
      throw codeOf(error) === undefined ? error : new IncompleteWrite(done, error);
    } finally {
      await target.close();
    }
  }
}

/** The file, opened once more: the very same one, whatever its path means by now. */
class Target {
  readonly #path: string;
  #handle: FileHandle;
  #direct: boolean;

  private constructor(path: string, handle: FileHandle, direct: boolean) {
    this.#path = path;
    this.#handle = handle;
    this.#direct = direct;
  }

  static async open(file: FileHandle): Promise<Target> {
    const path = `/proc/self/fd/${file.fd}`;
    try {
      const handle = await open(path, constants.O_WRONLY | constants.O_DIRECT);
      return new Target(path, handle, true);
    } catch (error) {
      if (codeOf(error) !== 'EINVAL') throw error;
      return new Target(path, await open(path, constants.O_WRONLY), false);
    }
  }

  /** @returns how much was written, at least something. */
  async write(zeros: Uint8Array, offset: number): Promise<number> {
    const aligned = offset % ALIGNMENT === 0 && zeros.length % ALIGNMENT === 0;
    if (this.#direct && !aligned) await this.#useCache();
    try {
      return (await this.#handle.write(zeros, 0, zeros.length, offset)).bytesWritten;
    } catch (error) {
      if (!this.#direct || codeOf(error) !== 'EINVAL') throw error;
      await this.#useCache();
      return this.write(zeros, offset);
    }
  }

  flush(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #useCache(): Promise<void> {
    const handle = await open(this.#path, constants.O_WRONLY);
    await this.#handle.close();
    this.#handle = handle;
    this.#direct = false;
  }
}
