/**
 * How far an operation came, told from its events.
 */
import type { AnyReport } from '../../src/reports.js';

/** The stages in order; `done` is the end. */
export const STAGES = [
  'decode',
  'check-arguments',
  'expand-names',
  'locks',
  'check-prereq',
  'pre-hooks',
  'exec',
  'post-hooks',
  'done',
] as const;

/** One of them. */
export type Stage = (typeof STAGES)[number];

/** The phase that failed in the last attempt, undoing left out. */
export function stageOf(events: readonly AnyReport[]): Stage {
  const begun = events.flatMap((event) => (event.type === 'phaseStart' ? [event.phase] : []));
  const last = begun.filter((phase) => phase !== 'undo').at(-1);
  return STAGES.find((stage) => stage === last) ?? 'decode';
}
