/**
 * What goes with every call to a node.
 */
import type { LockFence } from './fence.js';

/**
 * How far a long call has come.
 * @public
 */
export interface CallProgress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** What is being done, if there is more to say. */
  readonly message?: string;
}

/**
 * What goes with every call. The session fills it in; an LU need not give it.
 * @public
 */
export interface CallOptions {
  /** Aborts the call. The adapter stops what it started, then answers `aborted`. */
  readonly signal?: AbortSignal;
  /** Most time the call may take, milliseconds. */
  readonly timeoutMs?: number;
  /** Told what is worth knowing but no failure, in words. */
  readonly onInfo?: (message: string) => void;
  /** Told about the progress of long calls. */
  readonly onProgress?: (progress: CallProgress) => void;
  /**
   * The right in which a command is given, where several processes share the locks. A node that can
   * remembers the largest token for each lock, and answers a command with an older one `fenced`,
   * without doing anything. Commands without a fence are carried out as ever.
   */
  readonly fence?: LockFence;
}

/**
 * The request of a call that needs to be told nothing but the node.
 * @public
 */
export type NothingMore = Readonly<Record<string, never>>;
