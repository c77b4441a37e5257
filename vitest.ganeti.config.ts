/**
 * How the tests run that need real node daemons: a few files at once, since much of their
 * time is waiting for daemons; each has nodes of its own. Started by test/ganeti-real/main.ts, which makes the world that they need.
 */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/ganeti-real/**/*.real.ts'],
    maxWorkers: 3,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
