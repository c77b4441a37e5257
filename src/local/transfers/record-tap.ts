/**
 * Lets a TLS stream through and looks at its records, from outside: whether the last one was an
 * alert. Node reports an encrypted stream that was cut off like one that was ended; but only who
 * ends it says so, by an alert. (In TLS 1.3 alerts look like data, so what is tapped uses 1.2.)
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const ALERT = 21;
const HEADER_BYTES = 5;

/** A connection below TLS. */
export class RecordTap extends Duplex {
  readonly #socket: Socket;
  #header: Buffer = Buffer.alloc(0);
  #left = 0;
  #lastType: number | undefined;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.pause();
    socket.on('data', (chunk: Buffer) => {
      this.#look(chunk);
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    // What has come before the end is still to be read.
    socket.on('close', () => {
      if (!socket.readableEnded) this.destroy();
    });
  }

  /** Whether the other side has said that it ends. */
  get saidGoodbye(): boolean {
    return this.#lastType === ALERT && this.#left === 0 && this.#header.length === 0;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, (error) => done(error ?? null));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  /** Follows records from header to header. */
  #look(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      const missing = HEADER_BYTES - this.#header.length;
      this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + missing)]);
      at += missing;
      if (this.#header.length < HEADER_BYTES) return;
      this.#lastType = this.#header[0];
      this.#left = this.#header.readUInt16BE(3);
      this.#header = Buffer.alloc(0);
    }
  }
}
