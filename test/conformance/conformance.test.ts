/**
 * The recorded vectors, replayed: behaviour is that of real Ganeti, case by case.
 */
import { expect, test } from 'vitest';
import { type CaseResult, type Kind, showCase } from './report/case.js';
import { runCases } from './run/run-cases.js';
import { readVectors } from './vectors/read.js';

/** How many cases there are; none is left out in silence. */
const COUNTS: readonly (readonly [Kind, number])[] = [
  ['scenarios', 273],
  ['unittest', 137],
  ['fuzz', 500],
  ['wire', 16],
  ['functions', 1697],
];

/** Failing cases that are shown in full. */
const SHOWN = 3;

test.each(COUNTS)(
  'given the recorded %s, when all %i are replayed, then each comes out the same',
  async (kind, count) => {
    const results: CaseResult[] = [];
    for await (const result of runCases(readVectors(), { kinds: [kind], only: [] })) {
      results.push(result);
    }
    const failed = results.filter(({ differences }) => differences.length > 0);
    expect(failed.slice(0, SHOWN).map(showCase).join('\n')).toBe('');
    expect([failed.length, results.length]).toEqual([0, count]);
  },
  60_000,
);
