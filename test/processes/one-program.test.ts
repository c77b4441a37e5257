/**
 * One program on a store in memory and on one in a directory; the same on etcd is one of the tests
 * on real etcd (`test/etcd/shared.etcd.ts`).
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { openLmdb } from '../../src/lmdb/index.js';
import { scratchDirectory } from '../local/process/scratch.js';
import { makeNodes, runProgram } from './one-program.js';

test('given a store in memory, when the program runs, then it creates its instance', async () => {
  const names = await runProgram(new MemoryKvStore(), makeNodes(), 'web1.example.com');
  expect(names).toEqual(['web1.example.com']);
});

test('given a store in a directory, when the program runs twice, then the second run sees the first one', async () => {
  const [path, nodes] = [await scratchDirectory(), makeNodes()];
  await runProgram(await openLmdb({ path }), nodes, 'web1.example.com');
  const names = await runProgram(await openLmdb({ path }), nodes, 'web2.example.com');
  expect(names).toEqual(['web1.example.com', 'web2.example.com']);
});
