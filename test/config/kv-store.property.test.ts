/**
 * The store in memory against the model, for random transactions.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { agree, step } from './kv-store-model.js';

test('the store in memory should do what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const store = new MemoryKvStore();
      await agree(store, steps);
      await store.close();
    }),
    { numRuns: 150 },
  );
});
