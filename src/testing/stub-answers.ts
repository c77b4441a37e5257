/**
 * How a stub node answers when it does not do as it is told: it refuses, or it hangs until the call
 * is aborted or its time is up, as the port demands of every adapter.
 */
import type { Clock } from '../ports/clock.js';
import type { CallOptions } from '../ports/call.js';
import { failed, type Reply, type ReplyFailure } from '../ports/reply.js';

/** A stub's work returns it in place of a payload. */
export class StubRefusal {
  readonly message: string;
  readonly failure: ReplyFailure;

  constructor(message: string, failure: ReplyFailure = 'failed') {
    this.message = message;
    this.failure = failure;
  }
}

/** An answer that comes when the call is aborted or, given a clock, when its time is up. */
export function hang(
  call: CallOptions | undefined,
  clock: Clock | undefined,
): Promise<Reply<never>> {
  const { signal, timeoutMs } = call ?? {};
  return new Promise((resolve) => {
    const end = (failure: 'aborted' | 'timeout'): void => {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
      resolve(failed(failure === 'aborted' ? 'aborted' : 'took too long', failure));
    };
    const onAbort = (): void => end('aborted');
    const timer =
      timeoutMs === undefined ? undefined : clock?.timer(timeoutMs, () => end('timeout'));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
  });
}
