/** The promises about identifiers, kept by the machine's randomness and by the seeded one. */
import { test } from 'vitest';
import { systemIds } from '../../src/local/random-ids.js';
import { idsContract } from '../../src/testing/contracts/ids.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

const dispose = (): Promise<void> => Promise.resolve();

idsContract({
  test: (name, body) => test(`this machine's ${name}`, body),
  make: () => Promise.resolve({ ids: systemIds(), dispose }),
});

idsContract({
  test: (name, body) => test(`seeded ${name}`, body),
  make: () => Promise.resolve({ ids: new SeededIds(Number(process.env['SEED'])), dispose }),
});
