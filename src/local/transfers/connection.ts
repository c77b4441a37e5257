/**
 * One connection between the two sides of a transfer, encrypted or not.
 *
 * C1 what was cut off is an error to whoever reads it, never an end;
 * C2 who gives up resets the connection without a goodbye, so that the other side fails as well;
 * C3 who receives says goodbye when everything is safe, so that who sends learns that it is.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemReason } from '../paths/errno.js';
import type { Bytes } from '../process/run-fed.js';
import { BrokenOff } from './broken-off.js';
import type { RecordTap } from './record-tap.js';

const KEEP_ALIVE_MS = 60_000;

/** What a connection consists of. */
export interface Wire {
  readonly socket: Socket;
  /** What is read and written: the socket itself, or what encrypts it. */
  readonly stream: Duplex;
  /** Where TLS is looked at, if it is used. */
  readonly tap?: RecordTap;
}

/** A connection that both sides hold. */
export class Connection {
  readonly #wire: Wire;
  readonly #closed: Promise<void>;

  constructor(wire: Wire) {
    const { socket, stream } = wire;
    this.#wire = wire;
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // Whoever reads or writes learns of errors; without a listener one would end the process.
    socket.on('error', () => undefined);
    stream.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
  }

  /** What the other side sends, to its end. */
  async *bytes(): Bytes {
    const { stream, tap } = this.#wire;
    try {
      yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#brokenOff(error);
    }
    if (this.#error !== undefined || tap?.saidGoodbye === false) throw this.#brokenOff(undefined);
  }

  /**
   * Sends everything, and waits until the other side has closed; rejects unless it has said goodbye
   * before. `goodbye` is what it says where encryption has no word for that.
   */
  async send(bytes: Bytes, goodbye: Uint8Array): Promise<void> {
    const { stream, tap } = this.#wire;
    let heard = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]).subarray(-goodbye.length);
    });
    for await (const chunk of bytes) await this.#write(chunk);
    await new Promise<void>((resolve) => {
      // Closing early is not told to who waits for the end of writing.
      void this.#closed.then(resolve);
      stream.end(resolve);
    });
    await this.#closed;
    const isWell = tap === undefined ? heard.equals(goodbye) : tap.saidGoodbye;
    if (this.#error !== undefined || !isWell) throw this.#brokenOff(undefined);
  }

  /** All is well: says goodbye and closes. */
  async close(goodbye: Uint8Array): Promise<void> {
    const { socket, stream, tap } = this.#wire;
    if (tap === undefined) stream.end(goodbye);
    else stream.end();
    // Nobody asks for more; unasked, the other side's end would not be noticed.
    socket.resume();
    await this.#closed;
  }

  /** Gives up, so that the other side notices. Harmless once the connection is closed. */
  reset(): void {
    const { socket, stream } = this.#wire;
    if (socket.destroyed) return;
    // The system refuses to reset what is just being shut down; Node would never close it then.
    if (socket.writableEnded && !socket.writableFinished) socket.destroy();
    else socket.resetAndDestroy();
    stream.destroy();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    const { stream } = this.#wire;
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(this.#brokenOff(error)) : resolve()));
    });
  }

  get #error(): Error | undefined {
    return this.#wire.socket.errored ?? undefined;
  }

  #brokenOff(error: unknown): BrokenOff {
    const reason = systemReason(this.#error ?? error);
    const words = reason === undefined ? '' : ` (${reason})`;
    return new BrokenOff(words, { cause: this.#error ?? error });
  }
}
