/** Many deadlines on one timer, against as many timers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deadline, Deadlines } from '../../src/locks/deadlines.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

type Step =
  | { readonly do: 'add'; readonly timeoutMs: number }
  | { readonly do: 'remove'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), timeoutMs: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ do: fc.constant('remove' as const), which: fc.nat(200) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(25) }),
);

test('given any deadlines, should tell what a timer for each would, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 300 }), async (steps) => {
      const clock = new ManualClock();
      const [told, expected]: string[][] = [[], []];
      const line = (what: number): string => `${what} at ${clock.monotonic()}`;
      const deadlines = new Deadlines<number>(clock, (what) => told?.push(line(what)));
      const naive = new ManualClock();
      const open = new Map<number, { own: Deadline<number>; cancel: () => void }>();
      for (const each of steps) {
        if (each.do === 'add') {
          const what = open.size;
          const timer = naive.timer(each.timeoutMs, () => {
            expected?.push(`${what} at ${naive.monotonic()}`);
          });
          open.set(what, {
            own: deadlines.add(what, each.timeoutMs),
            cancel: () => timer.cancel(),
          });
        } else if (each.do === 'remove') {
          const { own, cancel } = open.get(each.which % Math.max(open.size, 1)) ?? {};
          if (own !== undefined) deadlines.remove(own);
          cancel?.();
        } else {
          await clock.advance(each.ms);
          await naive.advance(each.ms);
        }
        expect(told).toEqual(expected);
        expect(clock.timers).toBe(naive.timers > 0 ? 1 : 0);
      }
    }),
    { numRuns: 200 },
  );
});

test('given many that end before their time, should keep few of them', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines<object>(clock, () => expect.fail('nothing is due'));
  const first = deadlines.add({}, 1_000);
  for (let at = 0; at < 10_000; at++) deadlines.remove(deadlines.add({}, 1_000 + at));
  expect(deadlines.size).toBeLessThanOrEqual(65);
  deadlines.remove(first);
  expect(deadlines.size).toBe(0);
  expect(clock.timers).toBe(0);
});

test('given no limit at all, should set no timer', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines<object>(clock, () => expect.fail('nothing is due'));
  deadlines.add({}, Number.POSITIVE_INFINITY);
  expect(clock.timers).toBe(0);
});
