/**
 * Measures what creations on real nodes cost, in a world of its own, for `npm run bench`. Prints one
 * line of JSON: the figures, or why there are none.
 *
 *   tsx test/ganeti-real/cost-main.ts
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bed } from './bed.js';
import { costOf, GANETI_MS, KINDS } from './cost.js';
import { Site } from './site.js';
import { inNewWorld, ROOT, whyNot } from './world.js';

const INSIDE = '--inside';

if (process.argv.includes(INSIDE)) {
  process.stdout.write(`${JSON.stringify({ costs: await measure() })}\n`);
} else {
  const skipped = whyNot();
  if (skipped !== undefined) process.stdout.write(`${JSON.stringify({ skipped })}\n`);
  else process.exitCode = await enter();
}

function enter(): Promise<number> {
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  const child = inNewWorld([tsx, fileURLToPath(import.meta.url), INSIDE], 'inherit');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function measure() {
  const bed = await Bed.start();
  try {
    const site = await Site.open(bed);
    const costs = [];
    for (const kind of KINDS) {
      costs.push({ kind, oursMs: await costOf(kind, site), ganetiMs: GANETI_MS[kind] });
    }
    await site.close();
    return costs;
  } finally {
    await bed.stop();
  }
}
