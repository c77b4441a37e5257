/** Rungs of the ladder that are lost to other processes, by the compare-and-set of claims. */
import { expect, test } from 'vitest';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CapacityClaim } from '../../src/ports/capacity.js';
import type { KvCompare, KvOp, KvStore } from '../../src/ports/kv-store.js';
import type { AnyReport } from '../../src/reports.js';
import { placedRequest } from '../instance-create/support.js';
import { makeWorld, settle, type World } from './world.js';

const CLAIMED = 'config/claimed/';

interface Record {
  readonly values: object;
  readonly capacity?: readonly CapacityClaim[];
}

/** Just before an operation claims room, somebody else claims a little on the same nodes. */
function fasterBy({ store }: World, times: number): KvStore {
  let left = times;
  return {
    get: (key) => store.get(key),
    range: (prefix) => store.range(prefix),
    watch: (prefix, after, signal) => store.watch(prefix, after, signal),
    close: () => store.close(),
    txn: async (compare: readonly KvCompare[], ops: readonly KvOp[]) => {
      const [, record] = ops.map((op) => (op.op === 'put' ? op : undefined));
      const isClaim = record?.key.startsWith(CLAIMED) === true;
      const { capacity } = isClaim ? (JSON.parse(record.value) as Record) : {};
      if (capacity?.some(({ diskMib }) => diskMib > 0) && left > 0) {
        left--;
        const theirs = capacity.map((claim) => ({ ...claim, diskMib: 1, memoryMib: 1 }));
        const value = JSON.stringify({ form: 1, values: {}, capacity: theirs });
        await store.txn(
          [],
          [
            { op: 'put', key: 'config/claims', value: '1' },
            { op: 'put', key: `${CLAIMED}thief-${left}`, value },
          ],
        );
      }
      return store.txn(compare, ops);
    },
  };
}

const BEATEN = 'Other processes claimed the room for web1.example.com first, 8 times in a row';

test.each([
  [0, ['claims']],
  [1, ['claims']],
  [7, ['claims']],
  [8, ['claims', BEATEN, 'opportunistic']],
  [15, ['claims', BEATEN, 'opportunistic']],
  [16, ['claims', BEATEN, 'opportunistic', BEATEN, 'full']],
  [40, ['claims', BEATEN, 'opportunistic', BEATEN, 'full']],
])('given other processes that are faster %i times, then the way is %j', async (times, way) => {
  const world = await makeWorld();
  const one = await world.start({ store: fasterBy(world, times) });
  const events: AnyReport[] = [];

  const nodes = await one.cluster.run(new LUInstanceCreate(), placedRequest(), {
    onReport: (event) => events.push(event),
  });

  expect(nodes).toHaveLength(1);
  expect(
    events.flatMap((event) => {
      return event.type === 'rung' ? [event.rung] : event.type === 'retry' ? [event.reason] : [];
    }),
  ).toEqual(way);
  const thieves = (await world.store.range(`${CLAIMED}thief`)).entries;
  expect(thieves).toHaveLength(times);
  await settle();
  expect((await world.store.range(CLAIMED)).entries).toHaveLength(times);
});
