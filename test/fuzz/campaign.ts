/**
 * Many cases of one kind, each from a seed of its own, so that any of them can be repeated alone.
 */
import fc from 'fast-check';
import { INPUT_CASES, INPUT_KINDS, type InputCase, runInputCase } from './input-case.js';
import type { Verdict } from './judge.js';
import { type OpcodeCase, opcodeCases, runOpcodeCase } from './opcode-case.js';
import type { Stage } from './stage.js';
import { watched } from './unseen.js';

/** Kinds of cases. */
export const KINDS = ['opcodes', ...INPUT_KINDS] as const;

/** One of them. */
export type Kind = (typeof KINDS)[number];

/** A case that breaks a rule. */
export interface Violation {
  readonly kind: Kind;
  /** Repeats it, with the campaign's seed. */
  readonly index: number;
  readonly flaws: readonly string[];
}

/** What came of all. */
export interface Tally {
  /** How many were run. */
  count: number;
  /** In how many of them the work began. */
  worked: number;
  /** How often each outcome came. */
  readonly outcomes: Map<string, number>;
  /** How many came how far, and no farther. */
  readonly stages: Map<Stage, number>;
  /** What the work was about, where it began. */
  readonly traits: Map<string, number>;
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

/** Runs cases; `onCase` is told before each. Ends early after ten that break a rule. */
export async function campaign(
  kind: Kind,
  { seed, from, count }: Range,
  onCase: (index: number) => void = () => undefined,
): Promise<Tally> {
  const tally: Tally = {
    ...{
      count: 0,
      worked: 0,
      outcomes: new Map(),
      stages: new Map(),
      traits: new Map(),
      violations: [],
    },
  };
  for (let index = from; index < from + count && tally.violations.length < 10; index++) {
    onCase(index);
    add(tally, kind, index, await runCase(kind, seed, index));
  }
  return tally;
}

function add(tally: Tally, kind: Kind, index: number, verdict: Verdict): void {
  const { label, stage, traits = [], flaws } = verdict;
  tally.count += 1;
  if (traits.length > 0) tally.worked += 1;
  count(tally.outcomes, label);
  count(tally.stages, stage);
  for (const trait of traits) count(tally.traits, trait);
  if (flaws.length > 0) tally.violations.push({ kind, index, flaws });
}

function count<K>(table: Map<K, number>, key: K): void {
  table.set(key, (table.get(key) ?? 0) + 1);
}

/** One case of a campaign. */
export function caseOf(kind: Kind, seed: number, index: number): InputCase {
  const options = { seed: (seed + Math.imul(index, 0x9e3779b1)) | 0, numRuns: 1 };
  const cases = kind === 'opcodes' ? opcodeCases : INPUT_CASES[kind];
  const [drawn] = fc.sample(fc.noBias(cases), options);
  if (drawn === undefined) throw new Error('no case was drawn');
  return drawn;
}

/** Runs one case of a campaign. */
export async function runCase(kind: Kind, seed: number, index: number): Promise<Verdict> {
  const drawn = caseOf(kind, seed, index);
  const startedMs = performance.now();
  const { value: verdict, unseen } = await watched(() => run(kind, drawn));
  const tookMs = Math.round(performance.now() - startedMs);
  const late = tookMs > LIMIT_MS ? [`it took ${tookMs} ms`] : [];
  return { ...verdict, flaws: [...verdict.flaws, ...unseen, ...late] };
}

function run(kind: Kind, drawn: InputCase): Promise<Verdict> {
  return kind === 'opcodes' ? runOpcodeCase(drawn as OpcodeCase) : runInputCase(drawn);
}
