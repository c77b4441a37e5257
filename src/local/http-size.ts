/**
 * Asks web servers how large something is.
 */
import type { Clock } from '../ports/clock.js';
import type { DownloadSize } from '../ports/download-size.js';
import { CallLimit } from './process/limit.js';

/**
 * What {@link httpSize} needs.
 * @public
 */
export interface HttpSizeOptions {
  /** For the time limit. */
  readonly clock: Clock;
  /** How long a server may take to answer, milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Sizes of what `http` and `https` URLs lead to, by what servers say of it (`Content-Length`).
 * Redirections are followed.
 * @public
 */
export function httpSize({ clock, timeoutMs = 30_000 }: HttpSizeOptions): DownloadSize {
  return async (url, signal) => {
    const limit = new CallLimit(clock, { signal, timeoutMs });
    try {
      return sizeOf(await fetch(url, { method: 'HEAD', signal: limit.signal }));
    } catch (error) {
      signal.throwIfAborted();
      limit.check();
      throw error;
    } finally {
      limit.dispose();
    }
  };
}

function sizeOf({ ok, status, headers }: Response): number {
  if (!ok) throw new Error(`the server answers with status ${status}`);
  const length = headers.get('content-length') ?? '';
  if (/^\d+$/.test(length)) return Number(length);
  throw new Error('the server does not tell its size');
}
