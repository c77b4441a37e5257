/**
 * The table's time over clocks that differ (L8).
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TableTime } from '../../src/etcd/locks/table-time.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

test('given any clocks, when members ask in turn, then nobody comes before one who waits', () => {
  const turn = fc.record({
    who: fc.nat(2),
    passMs: fc.nat(1000),
    leaves: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(fc.nat(1e9), { minLength: 3, maxLength: 3 }),
      fc.array(turn),
      (starts, turns) => {
        const clocks = starts.map((startMs) => new ManualClock(startMs));
        const times = clocks.map((clock) => new TableTime(clock));
        let waiting: number[] = [];
        for (const { who, passMs, leaves } of turns) {
          for (const clock of clocks) void clock.advance(passMs);
          const latestMs = Math.max(0, ...waiting);
          const nowMs = times[who]?.now(latestMs) ?? 0;
          expect(nowMs).toBeGreaterThanOrEqual(latestMs);
          expect(nowMs).toBeGreaterThanOrEqual(clocks[who]?.now() ?? 0);
          waiting.push(nowMs);
          if (leaves) waiting = waiting.slice(1);
        }
      },
    ),
  );
});

test('given a clock that is behind, then time goes on all the same', async () => {
  const clock = new ManualClock(1000);
  const time = new TableTime(clock);
  expect(time.now(0)).toBe(1000);
  expect(time.now(500_000)).toBe(500_000);
  await clock.advance(250);
  expect(time.now(500_000)).toBe(500_250);
  expect(time.now(0), 'nobody waits any more').toBe(1250);
});
