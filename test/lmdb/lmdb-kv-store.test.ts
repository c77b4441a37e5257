/**
 * The store on lmdb keeps the port's contract.
 */
import { expect, test } from 'vitest';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdb } from '../../src/lmdb/index.js';
import { kvStoreContract } from '../../src/testing/contracts/kv-store.js';
import { tempPath } from './temp-store.js';

kvStoreContract({
  test,
  keeps: true,
  make: async () => {
    const path = tempPath();
    const store = await openLmdb({ path });
    return { store, reopen: () => openLmdb({ path }), dispose: () => store.close() };
  },
});

test('given a fresh directory, it should be for its owner only', async () => {
  const path = tempPath();
  const store = await openLmdb({ path });
  await store.txn([], [{ op: 'put', key: 'a', value: 'b' }]);

  const modes = ['', 'data.mdb', 'lock.mdb'].map((name) => statSync(join(path, name)).mode & 0o777);

  expect(modes).toEqual([0o700, 0o600, 0o600]);
  await store.close();
});

test('given a store that this process has open, it should not open a second time', async () => {
  const path = tempPath();
  const store = await openLmdb({ path });

  await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'in_use' });

  await store.txn([], [{ op: 'put', key: 'a', value: 'still works' }]);
  expect((await store.get('a'))?.value).toBe('still works');
  await store.close();
  await (await openLmdb({ path })).close();
});
