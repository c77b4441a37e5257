/**
 * A program for the test of the guard: a case that never comes back, in the way that it is told.
 */
import { guard } from './guard.js';
import { watched } from './unseen.js';

const WAYS: Readonly<Record<string, () => Promise<void>>> = {
  promises: async () => {
    for (;;) await Promise.resolve();
  },
  loop: () => {
    for (;;) Math.random();
  },
  rejection: async () => {
    const run = (): Promise<unknown> => {
      void Promise.reject(new Error('overlooked'));
      return Promise.resolve();
    };
    process.stderr.write((await watched(run)).unseen.join('\n'));
  },
};

const way = process.argv[2] ?? '';
const watch = guard({ steps: 1_000_000, stillMs: 1000 });
watch.begin(`the case ${way}`);
await WAYS[way]?.();
await watch.end();
