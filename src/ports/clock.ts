/**
 * Time, randomness and identifiers come from here and nowhere else, so that the whole library runs
 * in a deterministic simulation.
 */

/**
 * A timer that can be taken back.
 * @public
 */
export interface Timer {
  /** Takes the timer back; harmless when it has fired or was cancelled already. */
  cancel(): void;
}

/**
 * Where the library gets its time from.
 * @public
 */
export interface Clock {
  /** Wall-clock time, milliseconds since 1970 (UTC). For records and file names only. */
  now(): number;
  /** Milliseconds on a clock that never jumps. For durations and deadlines. */
  monotonic(): number;
  /**
   * A time of `monotonic`, in whole milliseconds, that was seen in the present turn of the event
   * loop, and is never earlier than what it told before. For clocks that cost less if they are
   * looked at once a turn; without it `monotonic` is asked. No deadline is made of it: a turn that
   * takes long would bring it forward.
   */
  turn?(): number;
  /** Calls `fire` once, `delayMs` milliseconds from now. */
  timer(delayMs: number, fire: () => void): Timer;
}

/**
 * Where the library gets randomness and fresh identifiers from.
 * @public
 */
export interface Ids {
  /** A fresh random UUID, version 4, lower case. */
  uuid(): string;
  /** `count` random bytes as lower-case hexadecimal digits. */
  hex(count: number): string;
  /** A random integer, 0 ≤ n \< `limit`. */
  integer(limit: number): number;
}

/**
 * Resolves after `delayMs` milliseconds of the given clock; rejects with the signal's reason if it
 * is aborted first. No timer is left behind.
 * @public
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.timer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
