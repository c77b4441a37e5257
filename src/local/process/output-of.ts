/**
 * What a program prints, as a stream that is read at the reader's pace: an export script, a
 * compressor.
 */
import { PassThrough } from 'node:stream';
import type { OutputSink } from './output.js';
import type { Bytes } from './run-fed.js';

/** Runs the program with a sink for its output; rejects if it fails. */
export type Printing = (stdout: OutputSink, signal: AbortSignal) => Promise<void>;

/**
 * The output of a program. The program starts when it is asked for; the stream ends when the
 * program has ended well, and throws what `run` rejects with. A reader who gives up ends the
 * program.
 */
export async function* outputOf(run: Printing, signal: AbortSignal): Bytes {
  const stream = new PassThrough();
  const enough = new AbortController();
  const running = run(sinkOf(stream), AbortSignal.any([signal, enough.signal])).then(
    () => void stream.end(),
    (error: unknown) => void stream.destroy(asError(error)),
  );
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    enough.abort();
    stream.destroy();
    await running;
  }
}

/** Holds the program back until its reader has caught up, or has given up. */
function sinkOf(stream: PassThrough): OutputSink {
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        // What waits for a reader inside of the stream is not called back when that is destroyed.
        const gone = (): void => reject(new Error('nobody reads any more'));
        stream.once('close', gone);
        stream.write(chunk, (error) => {
          stream.off('close', gone);
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
