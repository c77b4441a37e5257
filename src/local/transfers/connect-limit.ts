/**
 * The time that the two sides of a transfer have to find each other.
 */
import type { Clock } from '../../ports/clock.js';
import { CallLimit } from '../process/limit.js';
import type { Daemon } from './daemon.js';

/** How long, and whose. */
export interface ConnectTime {
  readonly clock: Clock;
  readonly daemon: Daemon;
  readonly connectTimeoutS: number;
}

/** Does what it takes to find the other side; the signal fires when the time is up. */
export async function withinConnectTime<T>(
  { clock, daemon, connectTimeoutS }: ConnectTime,
  find: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new CallLimit(clock, { signal: daemon.signal, timeoutMs: connectTimeoutS * 1000 });
  try {
    const found = await find(limit.signal);
    daemon.connected();
    return found;
  } finally {
    limit.dispose();
  }
}
