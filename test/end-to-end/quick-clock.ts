/**
 * The machine's clock, but that daemons are looked at again at once: a test need not wait as long
 * as an operator may. Time limits stay what they are.
 */
import { systemClock } from '../../src/local/index.js';
import type { Clock } from '../../src/ports/clock.js';

/** How often transfers are looked at (`POLL_MS`), and how often they are here. */
const POLLS: ReadonlySet<number> = new Set([1000, 3000, 5000]);
const SOON_MS = 10;

export function quickClock(): Clock {
  const clock = systemClock();
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    timer: (delayMs, fire) => clock.timer(POLLS.has(delayMs) ? SOON_MS : delayMs, fire),
  };
}
