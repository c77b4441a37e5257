/**
 * One program in a process group of its own, with bounded time and output. Failure is a value.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../../ports/clock.js';

/** What to run. */
export interface BoundedRequest {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Of output and errors together. */
  readonly outputLimitBytes: number;
  readonly signal: AbortSignal;
}

/** How it ended. `flood`: it printed more than it may. */
export type RunEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'unstartable'; readonly reason: string }
  | { readonly kind: 'timeout' | 'aborted' | 'flood' };

/** What came of it. */
export interface BoundedRun {
  readonly end: RunEnd;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long pipes may stay open that somebody outside the group has taken along. */
const LINGER_MS = 1000;

const ENVIRONMENT = { PATH: '/sbin:/bin:/usr/sbin:/usr/bin', LC_ALL: 'C' };

/** Runs the program to its end. */
export async function runBounded(request: BoundedRequest): Promise<BoundedRun> {
  const { file, args, clock, timeoutMs, signal, outputLimitBytes } = request;
  const child = spawn(file, args, {
    cwd: '/',
    env: ENVIRONMENT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let reason: 'timeout' | 'aborted' | 'flood' | undefined;
  const stop = (why: 'timeout' | 'aborted' | 'flood'): void => {
    reason ??= why;
    killGroup(child);
  };
  const bound = { left: outputLimitBytes, onFlood: () => stop('flood') };
  const [stdout, stderr] = [collect(child.stdout, bound), collect(child.stderr, bound)];
  const timer = clock.timer(timeoutMs, () => stop('timeout'));
  const onAbort = (): void => stop('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const natural = await ended(child, clock);
    const end: RunEnd = reason === undefined ? natural : { kind: reason };
    return { end, stdout: stdout(), stderr: stderr() };
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

/** The end of the program; its group and its pipes have ended with it. */
function ended(child: ChildProcess, clock: Clock): Promise<RunEnd> {
  return new Promise((resolve) => {
    let end: RunEnd | undefined;
    child.once('error', (error) => resolve({ kind: 'unstartable', reason: error.message }));
    child.once('exit', (code, signal) => {
      end = code === null ? { kind: 'killed', signal: signal ?? 'a signal' } : exited(code);
      killGroup(child);
      const timer = clock.timer(LINGER_MS, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
      child.once('close', () => timer.cancel());
    });
    child.once('close', () => resolve(end ?? { kind: 'unstartable', reason: 'it did not run' }));
  });
}

function exited(code: number): RunEnd {
  return { kind: 'exited', code };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // It has ended already, or is somebody else's by now.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Keeps what a stream says, as far as the common bound allows. */
function collect(
  stream: Readable,
  bound: { left: number; readonly onFlood: () => void },
): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    bound.left -= chunk.length;
    if (bound.left < 0) bound.onFlood();
    else chunks.push(chunk);
  });
  // A destroyed pipe is no error of the program.
  stream.on('error', () => undefined);
  return () => Buffer.concat(chunks).toString('utf8');
}
