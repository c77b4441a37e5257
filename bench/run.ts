/**
 * `npm run bench`: runs all groups, or those named by `--only`, prints one table and writes the
 * rows to bench/results/latest.json. Fails if a group fails or time runs out; a missed goal is no
 * failure, since a busy machine misses goals too.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { GROUPS } from './groups.js';
import type { BenchRow } from './row.js';
import { table } from './table.js';

const GROUP = fileURLToPath(new URL('group.js', import.meta.url));
const RESULTS = 'bench/results';

/** Most time for all groups together; some three times what they take on two idle cores. */
const LIMIT_MS = 900_000;

const endMs = performance.now() + LIMIT_MS;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const rows: BenchRow[] = [];
const failures: string[] = [];
for (const name of chosen(values.only)) {
  process.stderr.write(`measuring ${name} …\n`);
  await run(name).then(
    (found) => rows.push(...found),
    (error: Error) => failures.push(error.message),
  );
}
const machine = `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
process.stdout.write(`${machine}\n\n${table(rows)}`);
mkdirSync(RESULTS, { recursive: true });
const report = { takenAt: new Date().toISOString(), machine, failures, rows };
writeFileSync(`${RESULTS}/latest.json`, `${JSON.stringify(report, undefined, 2)}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

function chosen(only: readonly string[] | undefined): readonly string[] {
  const names = only?.flatMap((list) => list.split(',')) ?? Object.keys(GROUPS);
  const unknown = names.filter((name) => !Object.hasOwn(GROUPS, name));
  if (unknown.length === 0) return names;
  throw new Error(`There is no group ${unknown.join(', ')}; use ${Object.keys(GROUPS).join(', ')}`);
}

/** Runs a group; its children die with it when time runs out. */
function run(name: string): Promise<readonly BenchRow[]> {
  const child = fork(GROUP, [name], { execArgv: ['--expose-gc'] });
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      child.kill();
      reject(new Error(`Time ran out while ${name} was measured`));
    };
    const timer = setTimeout(stop, Math.max(0, endMs - performance.now()));
    child.once('message', (found) => resolve(found as BenchRow[]));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`Group ${name} ended with ${signal ?? `status ${code}`} and no figures`));
    });
  });
}
