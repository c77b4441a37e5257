/**
 * The main example as a newcomer would run it, on an empty cluster directory: a dry run, the real
 * run, the same once more (refused), removal. What each says is compared with what it must say, and
 * in the end nothing of the instance may be left. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './package.mjs';

const { name } = JSON.parse(readFileSync(join(ROOT, 'examples/ops/web1.json'), 'utf8'));

/** Arguments, whether it succeeds, what it must say. */
const WALK = [
  { args: ['--dry-run'], succeeds: true, says: [name] },
  { args: [], succeeds: true, says: [name] },
  { args: [], succeeds: false, says: [name, 'already_exists', '--remove'] },
  { args: ['--remove'], succeeds: true, says: [name] },
  { args: ['--remove'], succeeds: false, says: [name, 'unknown_entity'] },
];

const folder = mkdtempSync(join(tmpdir(), 'logical-units-example-'));
try {
  process.exitCode = WALK.every(walk) && nothingLeft() ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function walk({ args, succeeds, says }) {
  const all = ['start', '--silent', '--', '--dir', folder, ...args];
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 120_000 };
  const { status, stdout, stderr } = spawnSync('npm', all, options);
  const output = stdout + stderr;
  const silent = says.filter((words) => !output.includes(words));
  const right = (status === 0) === succeeds && silent.length === 0;
  console.log(`${right ? 'ok    ' : 'FAILED'}  npm start ${['--', ...args].join(' ')}`);
  if (right) return true;
  console.error(`ended with status ${status}; it must ${succeeds ? 'succeed' : 'fail'}`);
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
