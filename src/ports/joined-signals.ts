/**
 * One signal that fires with the first of several. Not `AbortSignal.any`: signals that live as long
 * as the process would collect a listener for every operation that ever ran.
 */

/** A joined signal, to be given back. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Listens no longer. */
  dispose(): void;
}

/** Joins signals; the reason is that of the first to fire. */
export function joinSignals(given: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const signals = given.filter((signal) => signal !== undefined);
  const [only] = signals;
  if (only !== undefined && signals.length === 1) return { signal: only, dispose: () => undefined };
  const joined = new AbortController();
  const listeners = signals.map((signal) => {
    const onAbort = (): void => joined.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return () => signal.removeEventListener('abort', onAbort);
  });
  const dispose = (): void => {
    for (const stop of listeners) stop();
  };
  return { signal: joined.signal, dispose };
}
