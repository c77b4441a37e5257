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
  readonly #read: Promise<unknown>;

  private constructor(pipes: readonly [Pipe, ...Pipe[]], sinks: Sinks, request: ProcessRequest) {
    const [output, errors = output] = pipes;
    this.writer = output.writer;
    this.errorWriter = errors.writer;
    this.#pipes = pipes;
    this.#sinks = sinks;
    this.#clock = request.clock;
    this.#read = Promise.all([
      drain(output, [sinks.main, sinks.tail, observer(request)]),
      ...(errors === output ? [] : [drain(errors, [sinks.errors, sinks.tail, observer(request)])]),
    ]);
  }

  /** Makes pipes and log, and begins to read. Rejects, with nothing left, if that cannot be. */
  static async open(request: ProcessRequest): Promise<ProcessOutput> {
    const pool = request.pipes ?? new PipePool(request.separate === true ? 2 : 1);
    const pipes: Pipe[] = [];
    try {
      const first = await pool.take();
      pipes.push(first);
      if (request.separate === true) pipes.push(await pool.take());
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

  /** Reads what is left, then closes everything. */
  async close(): Promise<void> {
    this.closeWriters();
    await withinTime(this.#read, this.#clock, DRAIN_MS);
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
