/**
 * Many cases of one kind, each from a seed of its own, so that any of them can be repeated alone.
 */
import fc from 'fast-check';
import { type InputCase, inputCases, runInputCase } from './input-case.js';
import { type OpcodeCase, opcodeCases, runOpcodeCase } from './opcode-case.js';
import type { Verdict } from './judge.js';

/** Kinds of cases. */
export type Kind = 'opcodes' | 'inputs';

/** A case that breaks a rule. */
export interface Violation {
  readonly kind: Kind;
  /** Repeats it, with the campaign's seed. */
  readonly index: number;
  readonly flaws: readonly string[];
}

/** What came of all. */
export interface Tally {
  /** How often each outcome came. */
  readonly outcomes: Map<string, number>;
  readonly violations: Violation[];
}

/** How many cases, and from where on. */
export interface Range {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

/** No single case takes longer, milliseconds of the real clock. */
const LIMIT_MS = 10_000;

/** Runs cases; `onCase` is told after each. Ends early after ten that break a rule. */
export async function campaign(
  kind: Kind,
  { seed, from, count }: Range,
  onCase: (done: number) => void = () => undefined,
): Promise<Tally> {
  const tally: Tally = { outcomes: new Map(), violations: [] };
  for (let index = from; index < from + count && tally.violations.length < 10; index++) {
    const { label, flaws } = await runCase(kind, seed, index);
    tally.outcomes.set(label, (tally.outcomes.get(label) ?? 0) + 1);
    if (flaws.length > 0) tally.violations.push({ kind, index, flaws });
    onCase(index - from + 1);
  }
  return tally;
}

/** One case of a campaign. */
export function caseOf(kind: Kind, seed: number, index: number): OpcodeCase | InputCase {
  const options = { seed: (seed + Math.imul(index, 0x9e3779b1)) | 0, numRuns: 1 };
  const cases: fc.Arbitrary<OpcodeCase | InputCase> = kind === 'opcodes' ? opcodeCases : inputCases;
  const [drawn] = fc.sample(cases, options);
  if (drawn === undefined) throw new Error('no case was drawn');
  return drawn;
}

/** Runs one case of a campaign. */
export async function runCase(kind: Kind, seed: number, index: number): Promise<Verdict> {
  const drawn = caseOf(kind, seed, index);
  const startedMs = performance.now();
  const verdict = await ('facts' in drawn ? runOpcodeCase(drawn) : runInputCase(drawn));
  const tookMs = performance.now() - startedMs;
  if (tookMs <= LIMIT_MS) return verdict;
  return { ...verdict, flaws: [...verdict.flaws, `it took ${Math.round(tookMs)} ms`] };
}
