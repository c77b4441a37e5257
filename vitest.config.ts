/**
 * How the tests run. The seed of all random tests is drawn here once, printed, and handed to every
 * test file as SEED, so that a failure is repeated with `SEED=<number> npm test`.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const seed = readSeed();

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    env: { SEED: String(seed) },
    pool: 'forks',
    // Most of the time of many files is waiting, for machines or for daemons.
    maxWorkers: '100%',
    testTimeout: 20_000,
    allowOnly: false,
    passWithNoTests: false,
    reporters: ['default', { onInit: () => process.stdout.write(`SEED=${seed}\n`) }],
    // Measured only where it is asked for: `npm run coverage`, and the tests of `npm run check`.
    coverage: {
      provider: 'v8',
      include: ['src/instance-create/**/*.ts'],
      thresholds: { lines: 98, branches: 95 },
      reporter: ['text'],
      reportsDirectory: 'temp/coverage',
    },
  },
  resolve: {
    // Examples that a test runs in its own process name the package as their readers would.
    alias: [
      { find: /^logical-units$/, replacement: source('index.ts') },
      { find: /^logical-units\/([a-z-]+)$/, replacement: source('$1/index.ts') },
    ],
  },
});

function source(path: string): string {
  return fileURLToPath(new URL(`src/${path}`, import.meta.url));
}

/** A 31-bit seed: given in the environment, or a fresh one. */
function readSeed(): number {
  const given = process.env['SEED'];
  if (given === undefined || given === '') return Math.floor(Math.random() * 2 ** 31);
  const number = Number(given);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 31) return number;
  throw new Error(`SEED must be a whole number below 2^31, but it is '${given}'`);
}
