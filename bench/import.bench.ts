/**
 * What importing each entry of the package costs: processor time at start, and bytes on the wire.
 * The built package is measured, since that is what people import.
 */
import { bundle, type Bundle, entries, type Entry } from './entries/bundle.js';
import { importCosts } from './entries/cost.js';
import { median, pairedRatio } from './measure.js';
import type { BenchRow } from './row.js';

const ROUNDS = 9;

/** Measures; takes half a minute. */
export async function benchImport(): Promise<BenchRow[]> {
  const found = await Promise.all(
    entries().map(async (entry) => ({ entry, ...(await bundle(entry)) })),
  );
  const subjects = found.flatMap(({ entry, packages }) => [[entry.url], packages]);
  const costs = await importCosts(subjects, ROUNDS);
  return [
    ...found.map(({ entry, packages }, at) =>
      timeRow(entry, packages, costs[2 * at] ?? [], costs[2 * at + 1] ?? []),
    ),
    ...found.map(sizeRow),
  ];
}

function timeRow(
  { subpath }: Entry,
  packages: readonly string[],
  own: readonly number[],
  peer: readonly number[],
): BenchRow {
  const name = `import of '${subpath}'`;
  if (packages.length === 0) return { name, value: median(own), unit: 'ms' };
  const ratio = pairedRatio(own, peer);
  const row = {
    name,
    value: median(own),
    unit: 'ms',
    peer: packages.join(' + '),
    peerValue: median(peer),
    ratio,
  };
  return subpath === '.' ? { ...row, goal: 'at most 1.1 times', met: ratio <= 1.1 } : row;
}

function sizeRow({ entry, bytes }: Bundle & { readonly entry: Entry }): BenchRow {
  const value = bytes / 1_000;
  const row = { name: `own code of '${entry.subpath}', min+gzip`, value, unit: 'kB' };
  return entry.subpath === '.' ? { ...row, goal: 'at most 40 kB', met: value <= 40 } : row;
}
