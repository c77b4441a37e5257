/**
 * How the tests run that need real node daemons: one file after the other, since each of them brings
 * up machines. Started by test/ganeti-real/main.ts, which makes the world that they need.
 */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/ganeti-real/**/*.real.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
