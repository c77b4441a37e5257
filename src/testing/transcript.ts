/**
 * Events as lines: what a transcript test compares. Phases, progress and times are left out, since
 * the oracle is what happened, not when.
 */
import type { AnyReport } from '../reports.js';

type Lines = {
  readonly [K in AnyReport['type']]?: (
    event: Extract<AnyReport, { type: K }>,
  ) => string | undefined;
};

const LINES: Lines = {
  rung: ({ rung }) => `rung ${rung}`,
  step: ({ message }) => `step ${message}`,
  info: ({ message }) => `info ${message}`,
  warning: ({ message }) => `warn ${message}`,
  commit: ({ why }) => `commit ${why}`,
  lockGranted: ({ locks }) => (locks.length === 0 ? undefined : `lock ${locks.join(' ')}`),
  undone: ({ what, error }) => (error === undefined ? `undo ${what}` : `leak ${what}: ${error}`),
  retry: ({ reason }) => `retry ${reason}`,
};

/**
 * The event's line, or `undefined` if it has none.
 * @public
 */
export function transcriptLine(event: AnyReport): string | undefined {
  // The table's type ties each event to its own function; indexing by a union loses that tie.
  const line = LINES[event.type] as ((event: AnyReport) => string | undefined) | undefined;
  return line?.(event);
}
