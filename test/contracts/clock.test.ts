/** The clock port's promises, kept by the machine's clock and by the one that tests drive. */
import { test } from 'vitest';
import { systemClock } from '../../src/local/system-clock.js';
import { clockContract } from '../../src/testing/contracts/clock.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

clockContract({
  test: (name, body) => test(`this machine's ${name}`, body),
  make: () => {
    const clock = systemClock();
    return Promise.resolve({ clock, pass: realTime, dispose: () => Promise.resolve() });
  },
});

clockContract({
  test: (name, body) => test(`the manual ${name}`, body),
  make: () => {
    const clock = new ManualClock();
    return Promise.resolve({
      clock,
      pass: (ms) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    });
  },
});

/** The only real waiting: a few milliseconds, by the platform and not by the clock under test. */
async function realTime(ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 1));
}
