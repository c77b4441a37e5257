/**
 * The limits of a wait: a timer and an abort signal, which go when the wait ends, however it ends.
 */
import type { Clock } from '../ports/clock.js';
import type { LockWait } from '../ports/lock-manager.js';

/** What is told how a wait ended. */
export interface Limited {
  onGranted: (() => void) | undefined;
  onFailed: ((error: unknown) => void) | undefined;
}

/** What happens when a limit is reached. */
export interface LimitActions {
  readonly onTimeout: (timeoutMs: number) => void;
  readonly onAbort: (signal: AbortSignal) => void;
}

/** Sets the limits of a wait. */
export function limitWait(
  waiter: Limited,
  { timeoutMs, signal }: LockWait,
  clock: Clock,
  actions: LimitActions,
): void {
  if (timeoutMs !== undefined) {
    const timer = clock.timer(timeoutMs, () => actions.onTimeout(timeoutMs));
    whenEnded(waiter, () => timer.cancel());
  }
  if (signal !== undefined) onAbort(waiter, signal, () => actions.onAbort(signal));
}

/** Calls back if the signal fires before the wait has ended. */
export function onAbort(waiter: Limited, signal: AbortSignal, fired: () => void): void {
  signal.addEventListener('abort', fired);
  whenEnded(waiter, () => signal.removeEventListener('abort', fired));
}

function whenEnded(waiter: Limited, clear: () => void): void {
  const { onGranted, onFailed } = waiter;
  waiter.onGranted = () => {
    clear();
    onGranted?.();
  };
  waiter.onFailed = (error) => {
    clear();
    onFailed?.(error);
  };
}
