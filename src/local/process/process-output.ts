/**
 * What one running program prints: its pipes, and where they lead. Owns both until `close`.
 */
import type { Clock } from '../../ports/clock.js';
import { BoundedLog, BoundedMemory, type OutputSink, Tail } from './output.js';
import { type Pipe, PipePool } from './pipes.js';
import type { ProcessEnd, ProcessRequest, ProcessResult } from './process-request.js';

const LOG_LIMIT = 64 * 1024 * 1024;
const MEMORY_LIMIT = 1024 * 1024;
/** How long a pipe is read that somebody outside the group keeps open. */
const DRAIN_MS = 100;

/** The pipes of one program, being read. */
export class ProcessOutput {
  /** What the program writes its output to. */
  readonly writer: number;
  /** What the program writes its errors to. */
  readonly errorWriter: number;
  readonly #pipes: readonly Pipe[];
  readonly #sinks: Sinks;
  readonly #clock: Clock;
  readonly #isTaken: boolean;
  readonly #read: Promise<unknown>;

  private constructor(pipes: readonly [Pipe, ...Pipe[]], sinks: Sinks, request: ProcessRequest) {
    const [output, errors = output] = pipes;
    this.writer = output.writer;
    this.errorWriter = errors.writer;
    this.#pipes = pipes;
    this.#sinks = sinks;
    this.#clock = request.clock;
    this.#isTaken = request.stdout !== undefined;
    const rest = [sinks.tail, observer(request)];
    this.#read = Promise.all([
      drain(output, request.stdout === undefined ? [sinks.main, ...rest] : [request.stdout]),
      ...(errors === output ? [] : [drain(errors, [errorSink(sinks, request), ...rest])]),
    ]);
  }

  /** Makes pipes and log, and begins to read. Rejects, with nothing left, if that cannot be. */
  static async open(request: ProcessRequest): Promise<ProcessOutput> {
    const isSeparate = request.separate === true || request.stdout !== undefined;
    const pool = request.pipes ?? new PipePool(isSeparate ? 2 : 1);
    const pipes: Pipe[] = [];
    try {
      const first = await pool.take();
      pipes.push(first);
      if (isSeparate) pipes.push(await pool.take());
      return new ProcessOutput([first, ...pipes.slice(1)], await openSinks(request), request);
    } catch (error) {
      for (const pipe of pipes) pipe.dispose();
      throw error;
    } finally {
      if (request.pipes === undefined) pool.dispose();
    }
  }

  /** To be called once the program runs, so that the pipes end when it does. */
  closeWriters(): void {
    for (const pipe of this.#pipes) pipe.closeWriter();
  }

  /**
   * Reads what is left, then closes everything. Output that somebody takes is read to its end,
   * however long that takes, unless the signal fires.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.closeWriters();
    if (this.#isTaken) await untilAborted(this.#read, signal);
    else await withinTime(this.#read, this.#clock, DRAIN_MS);
    for (const pipe of this.#pipes) pipe.dispose();
    await this.#read;
    await this.#sinks.log?.close();
  }

  /** What was read. Complete after `close`. */
  result(end: ProcessEnd): ProcessResult {
    const { main, errors, tail, log } = this.#sinks;
    return {
      end,
      output: main instanceof BoundedMemory ? main.text() : '',
      errors: errors.text(),
      lastLines: tail.lines(),
      droppedBytes: main.droppedBytes + errors.droppedBytes,
      ...(log?.trouble === undefined ? {} : { logTrouble: log.trouble }),
    };
  }
}

interface Sinks {
  readonly main: BoundedMemory | BoundedLog;
  readonly errors: BoundedMemory;
  readonly tail: Tail;
  readonly log: BoundedLog | undefined;
}

async function openSinks({ logPath, outputLimitBytes }: ProcessRequest): Promise<Sinks> {
  const tail = new Tail();
  const errors = new BoundedMemory(outputLimitBytes ?? MEMORY_LIMIT);
  if (logPath === undefined) {
    const main = new BoundedMemory(outputLimitBytes ?? MEMORY_LIMIT);
    return { main, errors, tail, log: undefined };
  }
  const log = await BoundedLog.create(logPath, outputLimitBytes ?? LOG_LIMIT);
  return { main: log, errors, tail, log };
}

/** Reading one piece after the other holds a program back that prints faster than we write. */
async function drain(pipe: Pipe, sinks: readonly OutputSink[]): Promise<void> {
  try {
    for await (const chunk of pipe.reader as AsyncIterable<Buffer>) {
      for (const sink of sinks) await sink.write(chunk);
    }
  } catch {
    // Closed from our side while somebody still held the other end.
  }
}

/** Errors take the place of output that somebody takes. */
function errorSink({ main, errors }: Sinks, { stdout }: ProcessRequest): OutputSink {
  return stdout === undefined ? errors : main;
}

function observer({ onOutput }: ProcessRequest): OutputSink {
  return { write: (chunk) => onOutput?.(chunk) };
}

async function withinTime(work: Promise<unknown>, clock: Clock, timeMs: number): Promise<void> {
  let timer: { cancel(): void } | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = clock.timer(timeMs, resolve);
  });
  await Promise.race([work, enough]);
  timer?.cancel();
}

async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', stop);
}
