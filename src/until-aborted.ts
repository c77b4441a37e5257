/**
 * Not waiting any longer for what ignores a signal. Only for work without effects: what goes on
 * behind our back must not matter.
 */

/** The value, or a rejection with `refusal()` as soon as the signal fires. */
export function untilAborted<T>(
  work: T | Promise<T>,
  signal: AbortSignal,
  refusal: () => Error,
): T | Promise<T> {
  if (!(work instanceof Promise)) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(refusal());
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
