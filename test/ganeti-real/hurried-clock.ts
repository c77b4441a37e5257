/**
 * A clock for operations on real daemons whose waiting is not to be waited for: pauses between two
 * looks at transfers are a tenth as long, and time limits are up four times as soon. Calls have the
 * machine's own time.
 */
import type { Clock } from '../../src/index.js';
import { systemClock } from '../../src/local/index.js';

const PAUSES = 10;
const LIMITS = 4;

export function hurriedClock(): Clock {
  const clock = systemClock();
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic() * LIMITS,
    timer: (delayMs, fire) => clock.timer(delayMs / PAUSES, fire),
  };
}
