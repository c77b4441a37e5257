/**
 * A command of which nobody knows any more: the call's time was up, the operation took everything
 * back, and only then does the command arrive at its node.
 */
import { expect, test } from 'vitest';
import { answerAll, eachCall } from '../../src/fenced/node-calls.js';
import { failed } from '../../src/ports/reply.js';
import { create, makeWorld, settle } from './world.js';

/** How a creation ends whose nth command is as late as that, and what is left of it. */
interface Ended {
  readonly isLate: boolean;
  readonly isCreated: boolean;
  readonly left: readonly string[];
}

async function late(nth: number, fencing: boolean): Promise<Ended> {
  const world = await makeWorld({ fencing });
  let seen = 0;
  let arrive: (() => unknown) | undefined;
  const rpc = eachCall(world.nodes, (method, _name, kind) => async (target, about, call) => {
    if (kind === 'command' && ++seen === nth) {
      arrive = () => method(target, about, call);
      return answerAll(target, failed('took too long', 'timeout'));
    }
    return method(target, about, call);
  });
  const one = await world.start({ rpc });
  const outcome: unknown = await create(one, { start: true }).catch((error: unknown) => error);
  await settle();
  await arrive?.();
  await settle();
  return {
    isLate: arrive !== undefined,
    isCreated: Array.isArray(outcome),
    left: world.nodes.leftovers(),
  };
}

test('given a command that arrives after the undo, then the node refuses it; without fences it would not', async () => {
  const harm: number[] = [];
  let nth = 1;
  for (; ; nth++) {
    const { isLate, isCreated, left } = await late(nth, true);
    if (!isLate) break;
    if (isCreated) continue;
    expect(left, `command ${nth}`).toEqual([]);
    if ((await late(nth, false)).left.length > 0) harm.push(nth);
  }
  expect(nth).toBeGreaterThan(3);
  expect(harm.length).toBeGreaterThan(1);
});
