import { afterAll, expect, test } from 'vitest';
import { campaign, type Kind, KINDS } from './campaign.js';
import { guard } from './guard.js';

/** As many as fit into the time of all tests; `npm run fuzz` takes more. */
const COUNTS: Readonly<Record<Kind, number>> = {
  opcodes: 600,
  export: 200,
  'allocator-reply': 200,
  'node-reply': 200,
  handshake: 200,
  certificate: 200,
};

/** Who refuses everything is not tested: in so many cases of a hundred the work begins at least. */
const WORK: Readonly<Record<Kind, number>> = {
  opcodes: 10,
  export: 8,
  'allocator-reply': 1,
  'node-reply': 15,
  handshake: 2,
  certificate: 4,
};

const watch = guard();
afterAll(() => watch.end());

test.each(KINDS)(
  'given random %s, when they come to clusters, then each ends well or in a typed error',
  async (kind) => {
    const seed = Number(process.env['SEED']);
    const count = COUNTS[kind];
    const repeating = (index: number): string =>
      `npm run fuzz -- --kind ${kind} --case ${index} --seed ${seed}`;
    const { worked, violations } = await campaign(kind, { seed, from: 0, count }, (index) =>
      watch.begin(repeating(index)),
    );
    const repeat = violations.map(({ index }) => repeating(index));
    expect(violations, repeat.join('\n')).toEqual([]);
    expect((worked * 100) / count).toBeGreaterThanOrEqual(WORK[kind]);
  },
);
