/**
 * The store in memory: the port's contract, and what is its own: how far watchers may lag behind.
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { kvStoreContract } from '../../src/testing/contracts/kv-store.js';

kvStoreContract({
  test,
  keeps: false,
  make: async () => {
    const store = new MemoryKvStore();
    return { store, dispose: () => store.close() };
  },
});

test('given a watcher that lags too far behind, it should be told instead of missing changes', async () => {
  const store = new MemoryKvStore({ history: 4 });
  for (let n = 0; n < 20; n++) await store.txn([], [{ op: 'put', key: 'a', value: String(n) }]);
  const { signal } = new AbortController();

  const lagging = store.watch('', 3, signal)[Symbol.asyncIterator]();
  const recent = store.watch('', 16, signal)[Symbol.asyncIterator]();

  await expect(lagging.next()).rejects.toMatchObject({ code: 'conflict' });
  await expect(recent.next()).resolves.toMatchObject({ value: { revision: 17 } });
});

test('given a slow watcher, it should fail when the history has passed it', async () => {
  const store = new MemoryKvStore({ history: 2 });
  const put = (n: number) => store.txn([], [{ op: 'put', key: 'a', value: String(n) }]);
  const slow = store.watch('', 0, new AbortController().signal)[Symbol.asyncIterator]();
  await put(1);
  await expect(slow.next()).resolves.toMatchObject({ value: { revision: 1 } });

  for (let n = 2; n < 12; n++) await put(n);

  await expect(slow.next()).rejects.toMatchObject({ code: 'conflict' });
});
