/** The allocator port's promises, kept by the built-in allocator. */
import { test } from 'vitest';
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { allocatorContract } from '../../src/testing/contracts/allocator.js';

allocatorContract({
  test: (name, body) => test(`most-free ${name}`, body),
  make: () =>
    Promise.resolve({ allocator: new MostFreeAllocator(), dispose: () => Promise.resolve() }),
});
