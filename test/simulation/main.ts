/**
 * `npm run simulate`: many runs of the simulation.
 *
 *   --seeds N       how many seeds; 300 if not given
 *   --from S        the first seed; 1 if not given
 *   --seed S        this one only, twice: both runs have to be the same
 *   --log           with `--seed`: prints everything that happens
 *   --no-fencing    nobody compares fences; has to find a violation
 *
 * Ends with 1 if a violation was found; with `--no-fencing`, if none was.
 */
import { parseArgs } from 'node:util';
import { type Outcome, simulate, type SimulationOptions } from './simulation.js';
import { Tally } from './tally.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    log: { type: 'boolean', default: false },
    'no-fencing': { type: 'boolean', default: false },
  },
});

const fencing = !values['no-fencing'];
const isFound = values.seed === undefined ? await many() : await one(whole(values.seed));
if (isFound === fencing) process.exitCode = 1;

/** Runs all seeds; without fencing, until one shows what that leads to. */
async function many(): Promise<boolean> {
  const [from, count] = [whole(values.from), whole(values.seeds)];
  const tally = new Tally();
  const startedMs = performance.now();
  const step = Math.max(100, Math.ceil(count / 20));
  let found = 0;
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate({ seed, fencing });
    tally.add(outcome);
    if (outcome.violations.length > 0) {
      found++;
      show(outcome);
      if (!fencing) break;
    }
    const done = seed - from + 1;
    const rate = Math.round((done * 1000) / (performance.now() - startedMs));
    if (done % step === 0) print(`${done} of ${count} seeds, ${rate} a second`);
  }
  for (const line of tally.lines()) print(line);
  print(`${found} of ${tally.runs} seeds with violations`);
  return found > 0;
}

async function one(seed: number): Promise<boolean> {
  const options: SimulationOptions = { seed, fencing };
  const first = await simulate(values.log ? { ...options, print } : options);
  const second = await simulate(options);
  print(`seed ${seed}: log ${first.log.hash}, ${first.log.count} lines`);
  if (first.log.hash !== second.log.hash) throw new Error('the second run was another one');
  if (first.violations.length > 0) show(first);
  return first.violations.length > 0;
}

function show({ seed, violations, log }: Outcome): void {
  for (const violation of violations) print(`VIOLATION ${violation}`);
  if (!values.log) for (const line of log.last) print(`    ${line}`);
  print(`  npm run simulate -- --seed ${seed}${fencing ? '' : ' --no-fencing'} --log`);
}

function whole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Error(`expected a whole number, but got '${text}'`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
