/**
 * How the tests on real etcd run (`npm run test:etcd`): one file after the other, since each starts
 * clusters of its own. Without etcd they are skipped, and the reason is printed.
 */
import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';
import { findEtcd } from './test/etcd/rig/etcd-binary.js';
import base from './vitest.config.js';

const found = findEtcd();
const line = 'version' in found ? `etcd ${found.version}` : `SKIPPED, no etcd: ${found.missing}`;
if ('missing' in found && process.env['CI'] === 'true') throw new Error(line);

const config: ViteUserConfig = mergeConfig(base, {
  test: {
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: [{ onInit: () => process.stdout.write(`${line}\n`) }],
  },
});
// Merging would add to the other tests; these are instead of them.
export default defineConfig({
  ...config,
  test: { ...config.test, include: ['test/etcd/**/*.etcd.ts'] },
});
