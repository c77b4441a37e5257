/**
 * Rows as a table for people: a line for each figure, with its peer and its goal.
 */
import type { BenchRow } from './row.js';

const HEADINGS = ['what', 'value', 'unit', 'peer', 'its value', 'ratio', 'middle half', 'goal', ''];

/** Columns of figures are aligned to the right. */
const FIGURES: ReadonlySet<number> = new Set([1, 4, 5]);

/** The table, with a last line that says how many goals were met. */
export function table(rows: readonly BenchRow[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, at) =>
        FIGURES.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const goals = rows.filter((row) => row.met !== undefined);
  const met = goals.filter((row) => row.met === true).length;
  return [...text, '', `${met} of ${goals.length} goals met`, ''].join('\n');
}

function cells(row: BenchRow): string[] {
  return [
    row.name,
    figure(row.value),
    row.unit,
    row.peer ?? '',
    figure(row.peerValue),
    row.ratio === undefined ? '' : `${figure(row.ratio)}x`,
    row.spread === undefined ? '' : row.spread.map(figure).join('–'),
    row.goal ?? '',
    row.met === undefined ? '' : row.met ? 'met' : 'MISSED',
  ];
}

/** Three digits say all that a busy machine can know. */
function figure(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
