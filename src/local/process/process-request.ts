/**
 * What it takes to run a program, and what comes of it.
 */
import type { Clock } from '../../ports/clock.js';
import type { OutputSink } from './output.js';
import type { PipePool } from './pipes.js';

/** An open file or pipe; the caller closes it when the program has ended. */
export interface InputDescriptor {
  readonly fd: number;
}

/** What to run, and how. */
export interface ProcessRequest {
  /** The program, as an absolute path. */
  readonly file: string;
  /** Its arguments. */
  readonly args?: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The directory that it starts in. */
  readonly cwd: string;
  /** What it can read, or the descriptor that it reads from; nothing if absent. */
  readonly stdin?: string | Uint8Array | InputDescriptor;
  /**
   * Takes its output, all of it, at the taker's own pace. Its errors then go where the output would
   * have gone.
   */
  readonly stdout?: OutputSink;
  /** A file to be made for its output and errors; if absent, they are kept in memory. */
  readonly logPath?: string;
  /** Keep errors apart from output. Without this their common order is kept. */
  readonly separate?: boolean;
  /** Told about every piece of output as it comes, before any limit. */
  readonly onOutput?: (chunk: Uint8Array) => void;
  /** Most output that is kept; 64 MiB in a log and 1 MiB in memory if absent. */
  readonly outputLimitBytes?: number;
  /** Most time, milliseconds; no limit if absent. */
  readonly timeoutMs?: number | undefined;
  /** How long members that were asked to end may take before they are killed; 5 s if absent. */
  readonly graceMs?: number;
  /** How long members may outlive a leader that has ended by itself; 1 s if absent. */
  readonly lingerMs?: number;
  /** Ends the group. */
  readonly signal?: AbortSignal | undefined;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Where pipes come from, for callers that run many programs. */
  readonly pipes?: PipePool;
  /** A directory of marks, so that `endOrphans` finds the program should we be killed. */
  readonly marksDir?: string | undefined;
}

/** How a program ended. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'unstartable'; readonly reason: string };

/** What came of a program. */
export interface ProcessResult {
  /** How it ended. */
  readonly end: ProcessEnd;
  /** What it printed (with its errors, unless they were kept apart), if there is no log. */
  readonly output: string;
  /** Its errors, if they were kept apart. */
  readonly errors: string;
  /** The last 20 lines of both. */
  readonly lastLines: readonly string[];
  /** Bytes that were over the limit. */
  readonly droppedBytes: number;
  /** Why the log is incomplete, if it is. */
  readonly logTrouble?: string;
}
