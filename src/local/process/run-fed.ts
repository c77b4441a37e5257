/**
 * Runs a program that reads a stream: an import script, a decompressor.
 *
 * F1 the program finds the end of its input only if the stream has come to its end: one that breaks
 *    off ends the program instead, which must not take a part for the whole;
 * F2 a program that ends well without having read everything has failed, however little is left.
 */
import type { ProcessRequest, ProcessResult } from './process-request.js';
import { runProcess } from './run-process.js';
import { InputPipe } from './input-pipe.js';

/** Pieces of a stream. Ending it (`return`) waits until whatever makes them has ended. */
export type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

/** A program that has left a part of its input unread. */
export class UnreadInput extends Error {
  override readonly name = 'UnreadInput';

  constructor() {
    super('it ended without having read everything');
  }
}

/**
 * Runs a program to its end. Rejects with the stream's own error if that breaks off, and with
 * {@link UnreadInput}. When it settles, neither program nor pipe is left; a stream whose program
 * has failed may still be waited for, and is its owner's to end.
 */
export async function runFed(
  bytes: Bytes,
  request: Omit<ProcessRequest, 'stdin'>,
): Promise<ProcessResult> {
  const pipe = await InputPipe.open();
  try {
    return await runOn(pipe, bytes, request);
  } finally {
    pipe.close();
  }
}

async function runOn(
  pipe: InputPipe,
  bytes: Bytes,
  request: Omit<ProcessRequest, 'stdin'>,
): Promise<ProcessResult> {
  const feeder = new Feeder(pipe);
  const broken = new AbortController();
  const fed = feeder.feed(bytes);
  fed.catch(() => broken.abort());
  const signals = [broken.signal, ...(request.signal === undefined ? [] : [request.signal])];
  const signal = AbortSignal.any(signals);
  const result = await runProcess({ ...request, stdin: { fd: pipe.fd }, signal });
  const { end } = result;
  if (broken.signal.aborted) await fed;
  if (end.kind !== 'exited' || end.code !== 0) return result;
  if (pipe.hasUnread()) throw new UnreadInput();
  feeder.close();
  await fed;
  return result;
}

/** Brings a stream into a pipe. */
class Feeder {
  readonly #pipe: InputPipe;
  #isClosed = false;

  constructor(pipe: InputPipe) {
    this.#pipe = pipe;
  }

  async feed(bytes: Bytes): Promise<void> {
    for await (const chunk of bytes) {
      if (chunk.length === 0) continue;
      if (this.#isClosed) throw new UnreadInput();
      await this.#pipe.write(chunk);
    }
    this.#pipe.end();
  }

  /** From now on nobody reads: what still comes is too much. */
  close(): void {
    this.#isClosed = true;
  }
}
