/**
 * `npm run fuzz`: random requests on random clusters, and damaged inputs.
 *
 *   --opcodes N   how many requests; 1000 if not given
 *   --inputs N    how many inputs of each kind; 1000 if not given
 *   --seed N      repeats a run; drawn and printed if not given
 *   --from N      begins with this case: goes on where a run was stopped
 *   --kind K      only this kind: opcodes, export, allocator-reply, handshake, certificate,
 *                 node-reply
 *   --case N      this case only, shown in full; with `--kind`
 */
import { parseArgs } from 'node:util';
import { campaign, caseOf, type Kind, KINDS, runCase, type Tally } from './campaign.js';
import { guard } from './guard.js';
import { STAGES } from './stage.js';

const { values } = parseArgs({
  options: {
    opcodes: { type: 'string', default: '1000' },
    inputs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    from: { type: 'string', default: '0' },
    case: { type: 'string' },
    kind: { type: 'string' },
  },
});

const seed = whole(values.seed);
const from = whole(values.from);
const kinds = values.kind === undefined ? KINDS : [kindOf(values.kind)];
const watch = guard();
if (values.case === undefined) await all();
else await one(kindOf(values.kind ?? 'opcodes'), whole(values.case));
await watch.end();

async function all(): Promise<void> {
  print(`seed ${seed}`);
  let violations = 0;
  for (const kind of kinds) {
    const count = whole(kind === 'opcodes' ? values.opcodes : values.inputs);
    const startedMs = performance.now();
    const rate = (done: number): string =>
      `${kind}: ${done} of ${count}, ${Math.round((done * 1000) / (performance.now() - startedMs))} a second`;
    const step = Math.max(1000, Math.ceil(count / 20));
    const tally = await campaign(kind, { seed, from, count }, (index) => {
      watch.begin(repeating(kind, index));
      if (index > from && (index - from) % step === 0) print(rate(index - from));
    });
    print(rate(tally.count));
    report(tally);
    violations += tally.violations.length;
  }
  print(`${violations} violations`);
  if (violations > 0) process.exitCode = 1;
}

function report(tally: Tally): void {
  const { outcomes, stages, traits, violations, count } = tally;
  const percent = (number: number): string =>
    `${((number * 100) / Math.max(1, count)).toFixed(1)} %`;
  print(`  how far they came (the work began in ${percent(tally.worked)}):`);
  for (const stage of STAGES) {
    const number = stages.get(stage) ?? 0;
    if (number > 0) print(`${row(number)}  ${stage.padEnd(16)} ${percent(number)}`);
  }
  table('  the work was about:', traits);
  table('  how they ended:', outcomes);
  for (const { kind, index, flaws } of violations) {
    print(`VIOLATION ${flaws.join('\n  ')}\n  ${repeating(kind, index)}`);
  }
}

function table(title: string, numbers: ReadonlyMap<string, number>): void {
  if (numbers.size > 0) print(title);
  const rows = [...numbers].sort(([, a], [, b]) => b - a);
  for (const [label, number] of rows) print(`${row(number)}  ${label}`);
}

function row(number: number): string {
  return String(number).padStart(10);
}

function repeating(kind: Kind, index: number): string {
  return `npm run fuzz -- --kind ${kind} --case ${index} --seed ${seed}`;
}

async function one(kind: Kind, index: number): Promise<void> {
  watch.begin(repeating(kind, index));
  print(JSON.stringify(caseOf(kind, seed, index), undefined, 2));
  const { label, flaws } = await runCase(kind, seed, index);
  print([label, ...flaws].join('\n'));
  if (flaws.length > 0) process.exitCode = 1;
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((known) => known === name);
  if (kind !== undefined) return kind;
  throw new Error(`--kind ${name}: one of ${KINDS.join(', ')} is wanted`);
}

function whole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Error(`'${text}' is no whole number`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
