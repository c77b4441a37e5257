import { expect, test } from 'vitest';
import { campaign, type Kind } from './campaign.js';

/** As many as fit into the time of all tests; `npm run fuzz` takes more. */
const COUNTS: readonly (readonly [Kind, number])[] = [
  ['opcodes', 500],
  ['inputs', 1500],
];

test.each(COUNTS)(
  'given random %s (%i), when they are read and run, then each ends well or in a typed error',
  async (kind, count) => {
    const seed = Number(process.env['SEED']);
    const { outcomes, violations } = await campaign(kind, { seed, from: 0, count });
    const repeat = violations.map(
      ({ index }) => `npm run fuzz -- --kind ${kind} --case ${index} --seed ${seed}`,
    );
    expect(violations, repeat.join('\n')).toEqual([]);
    // Who refuses everything is not tested.
    const good = [...outcomes].filter(([label]) => /created|read$/.test(label));
    expect(good.reduce((sum, [, number]) => sum + number, 0)).toBeGreaterThan(count / 30);
  },
);
