/**
 * `npm run bench`: runs all groups, or those named by `--only`, prints one table and writes the rows
 * to bench/results/latest.json. Fails if a group fails or takes too long; a missed goal is no
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

/** Runs a group; its children die with it when it takes too long. */
function run(name: string): Promise<readonly BenchRow[]> {
  const limitS = GROUPS[name]?.limitS ?? 0;
  const child = fork(GROUP, [name], { execArgv: ['--expose-gc'] });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`Group ${name} took longer than ${limitS} s`));
    }, limitS * 1_000);
    child.once('message', (found) => resolve(found as BenchRow[]));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`Group ${name} ended with ${signal ?? `status ${code}`} and no figures`));
    });
  });
}
