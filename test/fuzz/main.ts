/**
 * `npm run fuzz`: random requests on random clusters, and damaged inputs.
 *
 *   --opcodes N   how many requests; 1000 if not given
 *   --inputs N    how many inputs; 1000 if not given
 *   --seed N      repeats a run; drawn and printed if not given
 *   --case N      this case only, shown in full; with `--kind`
 *   --kind K      opcodes or inputs
 */
import { parseArgs } from 'node:util';
import { campaign, caseOf, type Kind, runCase, type Tally } from './campaign.js';

const { values } = parseArgs({
  options: {
    opcodes: { type: 'string', default: '1000' },
    inputs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    case: { type: 'string' },
    kind: { type: 'string', default: 'opcodes' },
  },
});

const seed = whole(values.seed);
if (values.case === undefined) await all();
else await one(kindOf(values.kind), whole(values.case));

async function all(): Promise<void> {
  print(`seed ${seed}`);
  for (const kind of ['opcodes', 'inputs'] as const) {
    const count = whole(values[kind]);
    const startedMs = performance.now();
    const rate = (done: number): string =>
      `${done} ${kind}, ${Math.round((done * 1000) / (performance.now() - startedMs))} a second`;
    const step = Math.max(1000, Math.ceil(count / 20));
    const tally = await campaign(kind, { seed, from: 0, count }, (done) => {
      if (done % step === 0) print(rate(done));
    });
    const done = [...tally.outcomes.values()].reduce((sum, number) => sum + number, 0);
    report(tally);
    print(rate(done));
  }
}

function report({ outcomes, violations }: Tally): void {
  const lines = [...outcomes].sort(([, a], [, b]) => b - a);
  for (const [label, number] of lines) print(`${String(number).padStart(8)}  ${label}`);
  for (const { kind, index, flaws } of violations) {
    print(`VIOLATION ${flaws.join('\n  ')}`);
    print(`  npm run fuzz -- --kind ${kind} --case ${index} --seed ${seed}`);
  }
  print(`${violations.length} violations`);
  if (violations.length > 0) process.exitCode = 1;
}

async function one(kind: Kind, index: number): Promise<void> {
  print(JSON.stringify(caseOf(kind, seed, index), undefined, 2));
  const { label, flaws } = await runCase(kind, seed, index);
  print([label, ...flaws].join('\n'));
  if (flaws.length > 0) process.exitCode = 1;
}

function kindOf(name: string): Kind {
  if (name === 'opcodes' || name === 'inputs') return name;
  throw new Error(`--kind ${name}: opcodes or inputs is wanted`);
}

function whole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Error(`'${text}' is no whole number`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
