/**
 * The journal keeps its promises on a store in memory.
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { Journal } from '../../src/journal/journal.js';
import { Secret } from '../../src/model/secret.js';
import type { UndoEntry } from '../../src/ports/journal.js';
import { journalContract } from '../../src/testing/contracts/journal.js';
import { entry, JournalWorld } from '../../src/testing/contracts/journal-world.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

journalContract({
  test,
  make: async () => {
    const store = new MemoryKvStore();
    return { store, dispose: () => store.close() };
  },
});

test('given a pause between tries, it should be taken from the clock, and end on abort', async () => {
  const store = new MemoryKvStore();
  const clock = new ManualClock();
  let tries = 0;
  const fail = async (): Promise<void> => {
    tries++;
    throw new Error('stuck');
  };
  const journal = new Journal({ store, clock, registry: { fail } });
  const world = new JournalWorld(store);
  const undo = await journal.open({ id: 'job-1', op: 'OP_TEST' });
  await undo.defer(entry('a', 'fail'));

  const unwinding = undo.unwind(await world.context());
  await clock.advance(0);
  expect([tries, clock.timers]).toEqual([1, 1]);
  await clock.advance(1000);
  expect([tries, clock.timers]).toEqual([2, 1]);
  world.stop.abort();

  expect(await unwinding).toEqual([{ what: 'effect a', reason: 'undoing was given up: stuck' }]);
  expect(clock.timers).toBe(0);
});

test('a journal has no place for secrets', () => {
  const args = { name: 'a', password: new Secret('hidden') };
  // @ts-expect-error a secret is no JSON value
  const wrong: UndoEntry = { what: 'a', action: 'b', args };
  expect(JSON.stringify(wrong)).not.toContain('hidden');
});
