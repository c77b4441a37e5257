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
  const { onGranted, onFailed } = waiter;
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.timer(timeoutMs, () => actions.onTimeout(timeoutMs));
  const onAbort = (): void => {
    if (signal !== undefined) actions.onAbort(signal);
  };
  const clear = (): void => {
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
  };
  signal?.addEventListener('abort', onAbort);
  waiter.onGranted = () => {
    clear();
    onGranted?.();
  };
  waiter.onFailed = (error) => {
    clear();
    onFailed?.(error);
  };
}
