/**
 * What came of one case, and how cases are shown.
 */
import { inspect } from 'node:util';
import type { Difference } from '../compare/difference.js';

/** Kinds of cases, in the order in which they run. */
export const KINDS = ['scenarios', 'unittest', 'fuzz', 'wire', 'functions'] as const;
export type Kind = (typeof KINDS)[number];

/** One case that ran. */
export interface CaseResult {
  readonly id: string;
  readonly kind: Kind;
  /** Empty: it passed. */
  readonly differences: readonly Difference[];
  /** Lines that help to understand a failure. */
  readonly notes: readonly string[];
}

const MOST = 40;

/** A case with everything that is known of it. */
export function showCase({ id, kind, differences, notes }: CaseResult): string {
  const verdict = differences.length === 0 ? 'passed' : `${differences.length} differences`;
  const lines = differences.slice(0, MOST).flatMap((difference) => showDifference(difference));
  const more = differences.length > MOST ? [`  … and ${differences.length - MOST} more`] : [];
  return [
    `${id} (${kind}): ${verdict}`,
    ...notes.map((note) => `  ${note}`),
    ...lines,
    ...more,
  ].join('\n');
}

function showDifference({ field, path, expected, actual, hint }: Difference): readonly string[] {
  return [
    `  ${field}${path.startsWith('[') || path === '' ? path : `.${path}`}`,
    `    expected  ${show(expected)}`,
    `    got       ${show(actual)}`,
    ...(hint === undefined ? [] : [`    because   ${hint}`]),
  ];
}

function show(value: unknown): string {
  if (value === undefined) return '(nothing)';
  return inspect(value, { depth: 12, breakLength: 100, maxArrayLength: 60, maxStringLength: 400 })
    .split('\n')
    .join('\n              ');
}
