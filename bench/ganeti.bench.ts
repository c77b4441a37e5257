/**
 * What a creation costs the process that leads when the nodes are Ganeti's own daemons, against
 * what a Ganeti master spends. The master is recorded: it cannot be run beside this. Where no
 * daemons can be started there are no rows, and it is said why.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BenchRow } from './row.js';

/** From the root of the project, where `npm run` is; shared with the test that asserts the goal. */
const MEASURE = ['node_modules/tsx/dist/cli.mjs', 'test/ganeti-real/cost-main.ts'];

interface Cost {
  readonly kind: string;
  readonly oursMs: number;
  readonly ganetiMs: number;
}

type Answer = { readonly costs: readonly Cost[] } | { readonly skipped: string };

/** Measures; takes a minute. */
export async function benchGaneti(): Promise<BenchRow[]> {
  const { stdout } = await promisify(execFile)(process.execPath, MEASURE);
  const answer = JSON.parse(stdout) as Answer;
  if ('skipped' in answer) {
    process.stderr.write(`ganeti is skipped: ${answer.skipped}\n`);
    return [];
  }
  return answer.costs.map(row);
}

function row({ kind, oursMs, ganetiMs }: Cost): BenchRow {
  const ratio = oursMs / ganetiMs;
  return {
    name: `LUInstanceCreate on real nodes (${kind})`,
    value: oursMs,
    unit: 'ms CPU',
    peer: 'a Ganeti 3.0.2 master, recorded',
    peerValue: ganetiMs,
    ratio,
    goal: 'at most a tenth',
    met: ratio <= 0.1,
  };
}
