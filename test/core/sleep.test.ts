import { expect, test } from 'vitest';
import { sleep } from '../../src/ports/clock.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

test('should end when its time has come, and listen no more', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const slept = sleep(clock, 1000, abort.signal).then(() => clock.monotonic());
  await clock.advance(1500);
  expect(await slept).toBe(1000);
  abort.abort();
});

test('should end at once, and leave no timer, when its caller gives up meanwhile', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const slept = sleep(clock, 1000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(slept).rejects.toThrow('enough');
  expect([clock.monotonic(), clock.timers]).toEqual([0, 0]);
});

test('should not begin when its caller has given up before', async () => {
  const clock = new ManualClock();
  await expect(sleep(clock, 1000, AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
  expect(clock.timers).toBe(0);
});
