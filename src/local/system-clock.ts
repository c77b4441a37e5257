/**
 * The real clock: one of the two files through which time and chance enter the library. Everything
 * else takes a `Clock`, so that it also runs in simulated time.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../ports/clock.js';

/** The longest delay that the platform's timers take; longer ones would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * The machine's clock and timers. A delay beyond what the platform can wait for (24.8 days) is cut
 * to that. A pending timer keeps the process alive.
 * @public
 */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    turn: turnTime(),
    timer(delayMs, fire) {
      const handle = setTimeout(fire, Math.min(Math.max(delayMs, 0), LONGEST_DELAY_MS));
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/**
 * Looks at the clock once a turn: what runs at the end of the turn forgets what was seen. In whole
 * milliseconds, because V8 keeps other numbers on the heap.
 */
function turnTime(): () => number {
  let seenMs = 0;
  let isSeen = false;
  const forget = (): void => {
    isSeen = false;
  };
  return () => {
    if (isSeen) return seenMs;
    seenMs = Math.trunc(performance.now());
    isSeen = true;
    setImmediate(forget);
    return seenMs;
  };
}
