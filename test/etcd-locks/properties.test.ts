/**
 * Three processes do what one would do: whatever the network does to their messages, after each
 * step of any history all of them see what the naive model of locking says, and the owners got the
 * same answers (L1–L5, L7, L8, L10, L11).
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Chosen,
  history,
  NaiveWorld,
  type Outcome,
  type Seen,
} from '../locks/random-world.js';
import { choices, SharedWorld } from './shared-world.js';

const RUNS = 80;

/** The order in which waiters are told is nobody's promise across processes. */
function sorted({ answer, letGo }: Outcome): Outcome {
  return { answer, letGo: [...letGo].sort() };
}

/** What is seen, with the units that were granted in an order of their own. */
function orderly(seen: Seen): Seen {
  const textOf = ({ owner, atLeast, units }: Chosen): string =>
    JSON.stringify([owner, atLeast, units]);
  const chosen = [...seen.chosen].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  return { ...seen, chosen };
}

for (const [what, kept] of [
  ['that remember', 1024],
  ['that forget all but a few changes', 2],
] as const) {
  test(`given watches ${what}, when any history is played, then all see what the model says`, () =>
    fc.assert(
      fc.asyncProperty(history, choices, async (steps, choice) => {
        const world = await SharedWorld.open(choice, 3, kept);
        const model = new NaiveWorld();
        for (const step of steps) {
          expect(sorted(await world.play(step))).toEqual(sorted(model.play(step)));
          const expected = orderly(model.see());
          for (const process of world.processes) {
            expect(orderly(world.see(process))).toEqual(expected);
          }
        }
        await world.close();
      }),
      { numRuns: RUNS },
    ));
}
