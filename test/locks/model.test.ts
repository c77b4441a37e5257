/**
 * The queue against the naive model: whatever happens, both answer the same and look the same.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { history, NaiveWorld, RealWorld } from './random-world.js';

const TIMEOUT_MS = 60_000;

test('given any history, the queue and the naive model agree on every step', agree, TIMEOUT_MS);

function agree(): void {
  fc.assert(
    fc.property(history, (steps) => {
      const real = new RealWorld();
      const naive = new NaiveWorld();
      for (const step of steps) {
        expect(real.play(step)).toEqual(naive.play(step));
        expect(real.see()).toEqual(naive.see());
      }
    }),
    { numRuns: 400 },
  );
}
