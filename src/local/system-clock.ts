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
    timer(delayMs, fire) {
      const handle = setTimeout(fire, Math.min(Math.max(delayMs, 0), LONGEST_DELAY_MS));
      return { cancel: () => clearTimeout(handle) };
    },
  };
}
