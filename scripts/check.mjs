/**
 * Everything that must hold before a change goes in, in one command: the same here and in CI.
 *
 *   npm run check                 all steps, in this order; stops at the first failure
 *   npm run check -- lint types   these steps only
 *
 * A step that passes prints its line and its time, and what `shows` picks out of its output. A step
 * that fails prints all it said. With CI=true every step's output is passed through as it comes.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ROOT } from './package.mjs';

const STEPS = [
  { name: 'format', title: 'format', run: 'biome ci . --colors=off --max-diagnostics=200' },
  { name: 'types', title: 'types', run: 'tsc -p tsconfig.json' },
  { name: 'lint', title: 'lint', run: 'eslint --max-warnings 0 .' },
  { name: 'build', title: 'build', run: 'node scripts/build.mjs' },
  {
    name: 'test',
    title: 'tests',
    run: 'vitest run --coverage',
    shows: /^ *(SEED=|Test Files|Tests|Duration|All files)/,
  },
  { name: 'api', title: 'API reports', run: 'node scripts/api.mjs --check' },
  { name: 'shape', title: 'package: shape', run: 'node scripts/shape.mjs' },
  { name: 'consumers', title: 'package: consumers', run: 'node scripts/consumer.mjs' },
  { name: 'examples', title: 'examples', run: 'node scripts/examples.mjs' },
];

const live = process.env.CI === 'true';
const startedAt = performance.now();
process.exitCode = await runAll(chosen(process.argv.slice(2)));

async function runAll(steps) {
  for (const step of steps) {
    const begin = performance.now();
    if (live) console.log(`\n--- ${step.title}: ${step.run}`);
    const { status, output } = await runStep(step);
    console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${step.title.padEnd(20)} ${since(begin)}`);
    if (status !== 0 && !live) process.stdout.write(output);
    if (status !== 0) return status;
    if (!live) process.stdout.write(excerpt(output, step.shows));
  }
  console.log(`ok      ${'all'.padEnd(20)} ${since(startedAt)}`);
  return 0;
}

/** Runs one step; its programs are those of the project. */
function runStep({ run }) {
  const [program, ...args] = run.split(' ');
  const bin = join(ROOT, 'node_modules', '.bin');
  const env = { ...process.env, NO_COLOR: '1', PATH: `${bin}${delimiter}${process.env.PATH}` };
  const stdio = live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        output += data;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ status: signal === null ? code : 1, output }));
  });
}

function chosen(names) {
  const known = STEPS.map(({ name }) => name);
  const wrong = names.filter((name) => !known.includes(name));
  if (wrong.length > 0) {
    throw new Error(`no step is called ${wrong.join(', ')}; there are ${known.join(', ')}`);
  }
  return STEPS.filter(({ name }) => names.length === 0 || names.includes(name));
}

function excerpt(output, shows) {
  const lines = shows === undefined ? [] : output.split('\n').filter((line) => shows.test(line));
  return lines.map((line) => `          ${line.trim()}\n`).join('');
}

function since(begin) {
  return `${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s`;
}
