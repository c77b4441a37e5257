/**
 * What goes with every call to a node.
 */

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
}

/**
 * The request of a call that needs to be told nothing but the node.
 * @public
 */
export type NothingMore = Readonly<Record<string, never>>;
