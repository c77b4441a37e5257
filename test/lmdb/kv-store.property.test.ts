/**
 * The store on lmdb against the model, for random transactions.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { openLmdb } from '../../src/lmdb/index.js';
import { agree, step } from '../config/kv-store-model.js';
import { tempPath } from './temp-store.js';

test('the store on lmdb should do what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const store = await openLmdb({ path: tempPath() });
      await agree(store, steps);
      await store.close();
    }),
    { numRuns: 20 },
  );
});
