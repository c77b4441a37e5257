/**
 * Runs the tests that need Ganeti's own node daemon, with nothing mocked:
 *
 *   npm run test:ganeti                      skips, with a reason, where it cannot be run
 *   npm run test:ganeti -- --required        fails there instead: for continuous integration
 *   npm run test:ganeti -- create            what vitest takes: files, -t NAME …
 */
import { join } from 'node:path';
import { inNewWorld, ROOT, whyNot } from './world.js';

const given = process.argv.slice(2);
const isRequired = given.includes('--required');
const args = given.filter((arg) => arg !== '--required');

const reason = whyNot();
if (reason === undefined) {
  process.exitCode = await run(args);
} else {
  process.stdout.write(`test:ganeti ${isRequired ? 'FAILED' : 'skipped'}: ${reason}\n`);
  process.exitCode = isRequired ? 1 : 0;
}

function run(withArgs: readonly string[]): Promise<number> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const config = ['--config', join(ROOT, 'vitest.ganeti.config.ts')];
  const child = inNewWorld([vitest, 'run', ...config, ...withArgs], 'inherit');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
