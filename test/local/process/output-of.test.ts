import { expect, test } from 'vitest';
import type { OutputSink } from '../../../src/local/process/output.js';
import { outputOf } from '../../../src/local/process/output-of.js';

const never = new AbortController().signal;

/** Prints without end, as fast as it is read. */
async function printing(stdout: OutputSink): Promise<void> {
  for (;;) await stdout.write(Buffer.alloc(64 * 1024, 'x'));
}

test('given a program that waits for its reader, when the reader gives up, then that ends', async () => {
  const bytes = outputOf(printing, never);
  const first = await bytes.next();
  expect(first.value).toHaveLength(64 * 1024);
  // It prints on until there is no room for more.
  await new Promise((resolve) => setImmediate(resolve));
  await bytes.return();
  expect(await bytes.next()).toEqual({ done: true, value: undefined });
});

test('given a program that ends well, then what it printed is whole, however slow the reader is', async () => {
  const bytes = outputOf(async (stdout) => {
    for (let at = 0; at < 50; at++) await stdout.write(Buffer.alloc(10_000, at));
  }, never);
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) {
    await new Promise((resolve) => setImmediate(resolve));
    pieces.push(piece);
  }
  const whole = Buffer.concat(pieces);
  expect(whole).toHaveLength(500_000);
  expect([whole[0], whole.at(-1)]).toEqual([0, 49]);
});

test('given a program that fails, then the reader is told why', async () => {
  const bytes = outputOf(() => Promise.reject(new Error('no tape')), never);
  await expect(bytes.next()).rejects.toThrow('no tape');
});
