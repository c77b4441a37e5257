import { afterAll, expect, test } from 'vitest';
import { campaign, type Kind, KINDS } from './campaign.js';
import { guard } from './guard.js';

/** As many as fit into the time of all tests; `npm run fuzz` takes more. */
const COUNTS: Readonly<Record<Kind, number>> = {
  opcodes: 500,
  export: 150,
  'allocator-reply': 400,
  'node-reply': 150,
  handshake: 150,
  certificate: 150,
};

/** Who refuses everything is not tested: in so many cases of a hundred the work begins at least. */
const WORK: Readonly<Record<Kind, number>> = {
  opcodes: 10,
  export: 5,
  'allocator-reply': 0.25,
  'node-reply': 15,
  handshake: 0.6,
  certificate: 4,
};

const TIMEOUT_MS = 240_000;

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
  // The guard sees what is stuck; this is for machines that have much else to do.
  TIMEOUT_MS,
);
