/**
 * What ends a call before its work does: the caller's signal or the call's time. Both become one
 * fact with one cause, so that no adapter writes the two twice.
 */
import type { Clock } from '../../ports/clock.js';
import { failed, type ReplyFailed } from '../../ports/reply.js';

/** Who ended the call. */
export type CallEnd = 'aborted' | 'timeout';

/** Thrown inside a call that was ended. */
export class CallEnded extends Error {
  override readonly name = 'CallEnded';
  /** Who ended it. */
  readonly end: CallEnd;

  constructor(end: CallEnd) {
    super(end === 'aborted' ? 'the call was cancelled' : "the call's time was up");
    this.end = end;
  }

  /** The answer to give. */
  reply(doing: string): ReplyFailed {
    return failed(`${doing}: ${this.message}`, this.end);
  }
}

/** What a limit is made of. */
export interface LimitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Watches over one call. Has to be disposed: then neither timer nor listener is left. */
export class CallLimit {
  /** Fires when the call is ended, whatever the cause. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #end: CallEnd | undefined;
  #release: () => void = () => undefined;

  constructor(clock: Clock, { signal, timeoutMs }: LimitOptions) {
    this.signal = this.#controller.signal;
    if (signal?.aborted === true) {
      this.#finish('aborted');
      return;
    }
    const onAbort = (): void => this.#finish('aborted');
    signal?.addEventListener('abort', onAbort, { once: true });
    const fire = (): void => this.#finish('timeout');
    const timer = timeoutMs === undefined ? undefined : clock.timer(timeoutMs, fire);
    this.#release = (): void => {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
  }

  /** Who ended the call; `undefined` while it may go on. */
  get end(): CallEnd | undefined {
    return this.#end;
  }

  /** Throws {@link CallEnded} if the call was ended. */
  check(): void {
    if (this.#end !== undefined) throw new CallEnded(this.#end);
  }

  /** Lets go of signal and timer. */
  dispose(): void {
    this.#release();
  }

  #finish(end: CallEnd): void {
    this.#release();
    this.#end ??= end;
    this.#controller.abort();
  }
}
