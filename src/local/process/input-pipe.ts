/**
 * A pipe into a program's input. A true one: with the socket that Node would make, a script cannot
 * open `/dev/stdin`. We keep a reading end of our own, so that writing never fails because the
 * program has ended, and so that it can be seen whether it has read everything.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { codeOf } from '../paths/errno.js';
import { withFifos } from './pipes.js';

type Ends = readonly [probe: number, writer: number, fd: number];

/** Both ends of one pipe. */
export class InputPipe {
  /** To be handed to the program. */
  readonly fd: number;
  readonly #probe: number;
  readonly #writer: Socket;
  #isWriting = false;
  #isOpen = true;

  private constructor([probe, writer, fd]: Ends) {
    this.#probe = probe;
    this.fd = fd;
    this.#writer = new Socket({ fd: writer, readable: false, writable: true });
    this.#writer.on('error', () => undefined);
  }

  /** Makes a pipe. Rejects if the system cannot. */
  static async open(): Promise<InputPipe> {
    const made: InputPipe[] = [];
    await withFifos(1, (path) => void made.push(new InputPipe(openEnds(path))));
    const [pipe] = made;
    if (pipe === undefined) throw new Error('no pipe was made');
    return pipe;
  }

  /** Writes a piece; resolves when it is in the pipe. Rejects once the pipe is closed. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#isWriting = true;
    await new Promise<void>((resolve, reject) => {
      this.#writer.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    this.#isWriting = false;
  }

  /** The program finds the end when it has read what is in the pipe. */
  end(): void {
    this.#writer.destroy();
  }

  /** Whether something was written that nobody has read. What it finds is gone afterwards. */
  hasUnread(): boolean {
    if (this.#isWriting) return true;
    try {
      return readSync(this.#probe, Buffer.alloc(1), 0, 1, null) > 0;
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return false;
      throw error;
    }
  }

  /** Closes all ends. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#writer.destroy();
    closeSync(this.fd);
    closeSync(this.#probe);
  }
}

function openEnds(path: string): Ends {
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
  const opened: number[] = [];
  const open = (flags: number): number => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    // The probe first: without a reader, opening the writing end would wait. The program gets an
    // end of its own, one that waits.
    return [open(O_RDONLY | O_NONBLOCK), open(O_WRONLY), open(O_RDONLY)];
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}
