/**
 * Rounds of `kill -9`: each runs the example on a real cluster directory, kills it at a random
 * moment, recovers, and looks whether anything is left that nobody knows of. Needs a build.
 *
 *   npm run test:kill [-- --rounds 200] [--seed N] [--hypervisor auto|fake|kvm] [--only ROUND]
 *
 * `auto` is `fake` with a few rounds of `kvm` in between where QEMU is installed. The first round
 * that finds something ends the test: its directory is kept, and the line that repeats it is shown.
 */
import { parseArgs } from 'node:util';
import { findQemu } from 'logical-units/local';
import { makeGround, removeGround, setUp, writeOp } from './kill-rounds/ground.mjs';
import { inspect } from './kill-rounds/inspect.mjs';
import { momentOf, planRound } from './kill-rounds/plan.mjs';
import { measure, run } from './kill-rounds/run.mjs';

/** More would fight for the processors, and the moments would be less even. */
const WORKERS = 2;
/** The whole test has to end. */
const LIMIT_MS = 15 * 60 * 1000;

const options = await readOptions();
const startedMs = performance.now();
const hits = new Map();
let found = false;
let done = 0;
await main();

async function main() {
  const { seed, numbers, hypervisor } = options;
  console.log(`${numbers.length} rounds, seed ${seed}, hypervisor ${hypervisor}`);
  const measured = await measureAll();
  const queue = [...numbers];
  const workers = Array.from({ length: Math.min(WORKERS, queue.length) }, () =>
    work(queue, measured),
  );
  await Promise.all(workers);
  summarize();
  if (found) process.exitCode = 1;
}

/** Takes round after round, on one ground as long as nobody wants a fresh one. */
async function work(queue, measured) {
  let ground = makeGround();
  for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
    if (found) break;
    const round = planRound(options.seed, number, options.hypervisor);
    if (round.fresh) {
      await removeGround(ground);
      ground = makeGround();
    }
    const flaws = await play(round, ground, measured[round.hypervisor]).catch((error) => [
      error.stack,
    ]);
    done += 1;
    if (flaws.length > 0) return complain(round, ground, flaws);
    if (done % 10 === 0) console.log(`${String(done).padStart(4)} rounds, ${seconds()} s`);
  }
  await removeGround(ground);
}

/** One round; what is wrong afterwards. */
async function play(round, ground, measured) {
  if (performance.now() - startedMs > LIMIT_MS) throw new Error('the time of all rounds is up');
  const { action, hypervisor } = round;
  writeOp(ground, round);
  if (!round.fresh) await setUp(ground, round);
  const end = await run({ ground, action, hypervisor, moment: momentOf(round, measured) });
  count(`${action}: ${end.killed ? end.phase : 'over before it was killed'}`);
  if (!end.killed && end.code !== 0) return [`without being killed it failed:\n${end.output}`];
  if (round.killRecovery !== undefined) {
    const moment = { phase: 'recovery', afterMs: round.killRecovery * measured.recover.totalMs };
    const { killed } = await run({ ground, action: 'recover', hypervisor, moment });
    if (killed) count('recovery');
  }
  const recovery = await run({ ground, action: 'recover', hypervisor });
  const flaws = await inspect(ground, round, end);
  if (recovery.code !== 0) flaws.push('recovery failed');
  if (flaws.length === 0) return [];
  return [...flaws, `The run:\n${end.output}`, `Its recovery:\n${recovery.output}`];
}

/** What undisturbed runs take, for each hypervisor that rounds use. */
async function measureAll() {
  const measured = {};
  for (const hypervisor of options.hypervisor === 'auto' ? ['fake', 'kvm'] : [options.hypervisor]) {
    const ground = makeGround();
    const of = (action) => {
      writeOp(ground, { action, hypervisor, template: 'file' });
      return measure({ ground, action, hypervisor });
    };
    measured[hypervisor] = { recover: await of('recover'), create: await of('create') };
    measured[hypervisor].remove = await of('remove');
    const { create, remove } = measured[hypervisor];
    const times = `create ${create.totalMs.toFixed()} ms, remove ${remove.totalMs.toFixed()} ms`;
    console.log(`undisturbed, ${hypervisor}: ${times}`);
    await removeGround(ground);
  }
  return measured;
}

function complain(round, ground, flaws) {
  found = true;
  const { seed, hypervisor } = options;
  const again = `--seed ${seed} --hypervisor ${hypervisor} --only ${round.number}`;
  console.error(
    [
      `\nround ${round.number} (${JSON.stringify(round)}):`,
      ...flaws.map((flaw) => `  ${flaw}`),
      `kept: ${ground.dir}`,
      `to repeat it: npm run test:kill -- ${again}`,
    ].join('\n'),
  );
}

function count(what) {
  hits.set(what, (hits.get(what) ?? 0) + 1);
}

function summarize() {
  console.log(`\n${done} rounds in ${seconds()} s, seed ${options.seed}; killed during`);
  for (const [what, times] of [...hits].sort(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`  ${what.padEnd(36)} ${String(times).padStart(4)}`);
  }
  console.log(found ? 'FAILED' : '0 files, guests, records or reservations left; no broken store');
}

function seconds() {
  return Math.round((performance.now() - startedMs) / 1000);
}

async function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      hypervisor: { type: 'string', default: 'auto' },
      only: { type: 'string' },
    },
  });
  const count = wholeNumber('rounds', values.rounds);
  const numbers =
    values.only === undefined
      ? Array.from({ length: count }, (_, at) => at)
      : [wholeNumber('only', values.only)];
  return {
    seed: wholeNumber('seed', values.seed),
    numbers,
    hypervisor: await hypervisorOf(values.hypervisor),
  };
}

async function hypervisorOf(name) {
  if (!['auto', 'fake', 'kvm'].includes(name)) {
    throw new Error(`--hypervisor is auto, fake or kvm, not '${name}'`);
  }
  if (name === 'fake' || (await findQemu()) !== undefined) return name;
  if (name === 'kvm') throw new Error('QEMU is not installed; use --hypervisor fake');
  console.log('QEMU is not installed: all rounds are on the fake hypervisor');
  return 'fake';
}

function wholeNumber(name, text) {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new Error(`--${name} must be a whole number, but it is '${text}'`);
}
