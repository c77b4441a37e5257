/**
 * Where a script's output goes: into memory or into a log file, and in both cases only up to a
 * limit. A script that prints without end must fill neither; the last lines are kept in any
 * case, since they tell why it failed.
 *
 * O1 memory held is bounded; O2 a file grows to its limit plus one line that says so, no further;
 * O3 trouble with the file is reported and does not disturb the script.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { systemReason } from '../paths/errno.js';

/** Takes what a script prints. */
export interface OutputSink {
  /** Takes a piece. A promise holds the script back until the piece is dealt with. */
  write(chunk: Uint8Array): void | Promise<void>;
}

const TAIL_BYTES = 32 * 1024;
const TAIL_LINES = 20;

/** Keeps the end of what was printed. */
export class Tail implements OutputSink {
  #bytes: Buffer = Buffer.alloc(0);
  #isCut = false;

  /** Takes a piece. */
  write(chunk: Uint8Array): void {
    const joined = Buffer.concat([this.#bytes, chunk.subarray(-TAIL_BYTES)]);
    this.#isCut ||= joined.length > TAIL_BYTES || chunk.length > TAIL_BYTES;
    this.#bytes = joined.subarray(-TAIL_BYTES);
  }

  /** The last lines, without their line ends; none that has lost its beginning. */
  lines(): string[] {
    const lines = this.#bytes.toString('utf8').trimEnd().split(/\r?\n/);
    if (this.#isCut) lines.shift();
    return lines.length === 1 && lines[0] === '' ? [] : lines.slice(-TAIL_LINES);
  }
}

/** Keeps the beginning of what was printed, up to a number of bytes. */
export class BoundedMemory implements OutputSink {
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  #kept = 0;
  #dropped = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Takes a piece. */
  write(chunk: Uint8Array): void {
    const room = chunk.subarray(0, this.#limit - this.#kept);
    if (room.length > 0) this.#chunks.push(Uint8Array.from(room));
    this.#kept += room.length;
    this.#dropped += chunk.length - room.length;
  }

  /** Bytes that were over the limit. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  /** What was kept; a last line says if there was more. */
  text(): string {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return this.#dropped === 0 ? text : `${text}\n${limitLine(this.#limit)}`;
  }
}

/** Writes what was printed into a new file, up to a number of bytes. */
export class BoundedLog implements OutputSink {
  readonly #file: FileHandle;
  readonly #limit: number;
  #written = 0;
  #dropped = 0;
  #trouble: string | undefined;

  private constructor(file: FileHandle, limitBytes: number) {
    this.#file = file;
    this.#limit = limitBytes;
  }

  /** Makes the file, for its owner's eyes only. Rejects, and touches nothing, if it exists. */
  static async create(path: string, limitBytes: number): Promise<BoundedLog> {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    return new BoundedLog(file, limitBytes);
  }

  /** Takes a piece. */
  async write(chunk: Uint8Array): Promise<void> {
    const room = chunk.subarray(0, Math.max(0, this.#limit - this.#written));
    const isFirstLoss = this.#dropped === 0 && room.length < chunk.length;
    this.#written += room.length;
    this.#dropped += chunk.length - room.length;
    if (room.length > 0) await this.#append(room);
    if (isFirstLoss) await this.#append(Buffer.from(`\n${limitLine(this.#limit)}\n`));
  }

  /** Bytes that were over the limit. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  /** Why the file is incomplete although the limit was not reached. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#trouble !== undefined) return;
    try {
      await this.#file.appendFile(bytes);
    } catch (error) {
      this.#trouble = systemReason(error) ?? String(error);
    }
  }
}

function limitLine(limitBytes: number): string {
  return `[the limit of ${limitBytes} bytes is reached; what follows was dropped]`;
}
