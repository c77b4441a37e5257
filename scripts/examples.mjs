/**
 * The main example as a newcomer would run it, on an empty cluster directory: a dry run, the real
 * run, the same once more (refused), removal. What each says is compared with what it must say, and
 * in the end nothing of the instance may be left. Needs a build.
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

/** Arguments, whether it succeeds, what it must say. */
const WALK = [
  { args: ['--dry-run'], succeeds: true, says: [name] },
  { args: [], succeeds: true, says: [name, proof] },
  { args: [], succeeds: false, says: [name, 'already_exists', '--remove'] },
  { args: ['--remove'], succeeds: true, says: [name] },
  { args: ['--remove'], succeeds: false, says: [name, 'unknown_entity'] },
];

run('npm', ['run', 'build:examples', '--silent']);
const program = /node (\S+)$/.exec(manifest.scripts.start)[1];
const folder = mkdtempSync(join(tmpdir(), 'logical-units-example-'));
try {
  process.exitCode = WALK.every(walk) && nothingLeft() ? 0 : 1;
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

function walk({ args, succeeds, says }) {
  const { status, output } = start(args);
  const silent = says.filter((words) => !output.includes(words));
  const right = (status === 0) === succeeds && silent.length === 0;
  console.log(
    `${right ? 'ok    ' : 'FAILED'}  npm start ${args.length > 0 ? `-- ${args.join(' ')}` : ''}`,
  );
  if (right) return true;
  console.error(
    `ended with status ${status ?? 'none, it took too long'}; it must ${succeeds ? 'succeed' : 'fail'}`,
  );
  if (silent.length > 0) console.error(`it did not say: ${silent.join(', ')}`);
  console.error(output);
  return false;
}

/** After removal no file is named after the instance, logs aside: those are the operator's. */
function nothingLeft() {
  const left = readdirSync(folder, { recursive: true })
    .filter((path) => path.includes(name))
    .filter((path) => !path.endsWith('.log'));
  console.log(`${left.length === 0 ? 'ok    ' : 'FAILED'}  nothing of ${name} is left`);
  if (left.length > 0) console.error(left.join('\n'));
  return left.length === 0;
}
