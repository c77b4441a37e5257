/**
 * `npm run conformance`: replays recorded vectors and says how many came out the same.
 *
 *   --vectors DIR  another folder of the same form
 *   --only ID      only this case, or those whose ids begin so; shows each in full; repeatable
 *   --kind KIND    scenarios, unittest, fuzz, wire or functions; repeatable
 *   --summary      failures by what they have in common
 *   --failed       the ids of all failures, one a line
 */
import { parseArgs } from 'node:util';
import { type CaseResult, type Kind, KINDS, showCase } from './report/case.js';
import { LEFT_OUT } from './report/left-out.js';
import { summarise } from './report/summary.js';
import { runCases } from './run/run-cases.js';
import { readVectors } from './vectors/read.js';

const { values } = parseArgs({
  options: {
    vectors: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    kind: { type: 'string', multiple: true, default: [...KINDS] },
    summary: { type: 'boolean', default: false },
    failed: { type: 'boolean', default: false },
  },
});

await main();

async function main(): Promise<void> {
  const kinds = values.kind.map((name) => kindOf(name));
  const results: CaseResult[] = [];
  for await (const result of runCases(readVectors(values.vectors), { kinds, only: values.only })) {
    results.push(result);
    if (values.only.length > 0) print(showCase(result));
  }
  const failed = results.filter(({ differences }) => differences.length > 0);
  if (values.failed) for (const { id } of failed) print(id);
  if (values.summary) print(summarise(results));
  for (const kind of kinds) print(`${kind}: ${count(results.filter((one) => one.kind === kind))}`);
  print(`Not compared:\n${LEFT_OUT.map((line) => `  ${line}`).join('\n')}`);
  print(count(results));
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((one) => one === name);
  if (kind === undefined) throw new Error(`--kind ${name}: one of ${KINDS.join(', ')} is wanted`);
  return kind;
}

function count(results: readonly CaseResult[]): string {
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  return `${results.length - failed} passed, ${failed} failed`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
