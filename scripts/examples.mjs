/**
 * The main example as a newcomer would run it, on an empty cluster directory: a dry run, the real
 * run, the same once more (refused), removal; then once more on the fake hypervisor; then an export,
 * and an import of it. What each says
 * is compared with what it must say. Neither a dry run nor a whole walk may change which files are
 * there, the configuration's database aside. Then the example of two processes on one etcd, where
 * etcd is installed. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifest, ROOT, run } from './package.mjs';

const op = JSON.parse(readFileSync(join(ROOT, 'examples/ops/web1.json'), 'utf8'));
const name = op.instanceName;

/** With QEMU the guest itself must be heard, else the program must say that it pretends. */
const hasQemu = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const proof = hasQemu ? op.osParams.greeting : 'fake';

/** Arguments, whether it succeeds, what it must say, and whether files may come or go. */
const walkWith = (options, said) => [
  { args: ['--dry-run', ...options], succeeds: true, says: [name], changes: false },
  { args: options, succeeds: true, says: [name, said], changes: true },
  { args: options, succeeds: false, says: [name, 'already_exists', '--remove'], changes: false },
  { args: ['--remove', ...options], succeeds: true, says: [name], changes: true },
  {
    args: ['--remove', ...options],
    succeeds: false,
    says: [name, 'unknown_entity'],
    changes: false,
  },
];
/** The very first run makes the cluster; its directories are there from then on. */
const FIRST = { args: ['--dry-run'], succeeds: true, says: [name], changes: true };
const WALKS = [walkWith([], proof), walkWith(['--hypervisor', 'fake'], 'fake')];
const FAKE = ['--hypervisor', 'fake'];
const IMPORT = 'examples/ops/import-web1.json';
const EXPORT_WALK = [
  { args: FAKE, succeeds: true, says: [name], changes: true },
  { args: ['--export', ...FAKE], succeeds: true, says: [`${name} is exported to`], changes: true },
  { args: ['--remove', ...FAKE], succeeds: true, says: [name], changes: true },
  { args: [IMPORT, ...FAKE], succeeds: true, says: [name, 'finished receiving'], changes: true },
  { args: ['--remove', ...FAKE], succeeds: true, says: [name], changes: true },
];

run('npm', ['run', 'build:examples', '--silent']);
const program = /node (\S+)$/.exec(manifest.scripts.start)[1];
const folder = mkdtempSync(join(tmpdir(), 'logical-units-example-'));
try {
  const isRight =
    walk(FIRST) && WALKS.every((steps) => walkAll(steps)) && walkAll(EXPORT_WALK, dropExport);
  process.exitCode = isRight && meet() ? 0 : 1;
  // A guest that a failed walk has left running would outlive this program.
  if (process.exitCode !== 0) start(['--remove']);
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs the program of `npm start` on the folder, without building everything again. */
function start(args) {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 180_000 };
  const { status, stdout, stderr } = spawnSync(
    'node',
    [program, '--dir', folder, ...args],
    options,
  );
  return { status, output: stdout + stderr };
}

/** Two processes on one etcd, one of which is killed. In CI etcd is there. */
function meet() {
  const program = 'build/examples/two-processes/main.js';
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 120_000 };
  const { status, stdout, stderr } = spawnSync('node', [program], options);
  const isSkipped = /^SKIPPED/.test(stdout);
  const right = status === 0 && !(isSkipped && process.env.CI === 'true');
  console.log(`${right ? 'ok    ' : 'FAILED'}  node ${program}`);
  if (right && isSkipped) console.log(`        ${stdout.trim()}`);
  if (!right) console.error(stdout + stderr);
  return right;
}

/** A walk as a whole leaves what it found, but for what the operator has to remove. */
function walkAll(steps, tidy = () => {}) {
  const before = listing();
  if (!steps.every(walk)) return false;
  tidy();
  return same(before, `nothing of ${name} is left`);
}

/** Exports outlive their instances: that is what they are for. */
function dropExport() {
  rmSync(join(folder, 'exports', name), { recursive: true });
}

function walk({ args, succeeds, says, changes }) {
  const before = listing();
  const { status, output } = start(args);
  const command = `npm start ${args.length > 0 ? `-- ${args.join(' ')}` : ''}`;
  const silent = says.filter((words) => !output.includes(words));
  const right = (status === 0) === succeeds && silent.length === 0;
  console.log(`${right ? 'ok    ' : 'FAILED'}  ${command}`);
  if (right) return changes || same(before, 'no file came or went');
  const ended = status ?? 'none, it took too long';
  console.error(`ended with status ${ended}; it must ${succeeds ? 'succeed' : 'fail'}`);
  if (silent.length > 0) console.error(`it did not say: ${silent.join(', ')}`);
  console.error(output);
  return false;
}

/** Every path below the folder; what the database is made of is its own business. */
function listing() {
  return readdirSync(folder, { recursive: true })
    .filter((path) => !path.startsWith('configuration/'))
    .sort();
}

function same(before, what) {
  const after = listing();
  const came = after.filter((path) => !before.includes(path)).map((path) => `new: ${path}`);
  const went = before.filter((path) => !after.includes(path)).map((path) => `gone: ${path}`);
  const differences = [...came, ...went];
  console.log(`${differences.length === 0 ? 'ok    ' : 'FAILED'}  ${what}`);
  if (differences.length > 0) console.error(differences.join('\n'));
  return differences.length === 0;
}
