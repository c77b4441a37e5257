/** A set of keys that only grows, listed as a whole. */
import { GROWING_SET } from '../check/models.js';
import { Histories } from './history.js';
import type { BeginWorkload } from './workload.js';

/** Elements per round: enough to lose one, few enough to check. */
const MOST = 40;

/** Begins with an empty set. */
export const sets: BeginWorkload = (prefix) => {
  const histories = new Histories(GROWING_SET);
  const below = `${prefix}set/`;
  let elements = 0;
  const list: (store: Parameters<ReturnType<BeginWorkload>['finish']>[0]) => Promise<void> = async (
    store,
  ) => {
    await histories.run(
      below,
      () => store.range(below),
      (range) => range && { kind: 'list', elements: range.entries.map(({ value }) => value) },
    );
  };
  return {
    step: async (store, _process, dice) => {
      if (elements >= MOST || dice.integer(2) === 0) return list(store);
      // In the order of their names, as ranges are.
      const element = `e${100 + elements++}`;
      const key = below + element;
      await histories.run(
        below,
        () => store.txn([{ key, revision: 0 }], [{ op: 'put', key, value: element }]),
        () => ({ kind: 'add', element }),
      );
    },
    finish: list,
    judge: () => histories.judge(),
  };
};
