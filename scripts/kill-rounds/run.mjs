/**
 * One run of the compiled example: watched line by line, and killed at its moment. Only the process
 * itself is killed; what it has started lives on, as it would after a real `kill -9`.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../package.mjs';
import { PHASES } from './plan.mjs';

const MAIN = join(ROOT, 'build/examples/start/main.js');
/** A run that takes longer hangs. */
const LIMIT_MS = 90_000;

/** How the example is told what to do. */
const ARGUMENTS = { create: [], remove: ['--remove'], recover: ['--recover'] };

/**
 * Runs one action on a ground. With a moment it is killed so many milliseconds after the phase has
 * begun, unless it is over before. Resolves to how it ended, the last phase that it was seen to
 * reach, and when each phase began.
 */
export async function run({ ground, action, hypervisor, moment }) {
  const args = [MAIN, ground.opFile, '--dir', ground.dir, '--hypervisor', hypervisor];
  const beginMs = performance.now();
  const child = spawn(process.execPath, [...args, ...ARGUMENTS[action]], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: ground.tmp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seen = new Map();
  const lines = [];
  let timer;
  const reach = (phase) => {
    seen.set(phase, performance.now() - beginMs);
    if (phase === moment?.phase) timer = setTimeout(() => child.kill('SIGKILL'), moment.afterMs);
  };
  reach(PHASES[action][0].name);
  const watch = (stream) =>
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const phase = PHASES[action].find(({ name, begins }) => !seen.has(name) && begins.test(line));
      if (phase !== undefined) reach(phase.name);
    });
  watch(child.stdout);
  watch(child.stderr);
  const hanging = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(timer);
  clearTimeout(hanging);
  const totalMs = performance.now() - beginMs;
  const output = lines.join('\n');
  if (totalMs >= LIMIT_MS) throw new Error(`'${action}' hangs:\n${output}`);
  const phase = [...seen.keys()].at(-1);
  return { code, killed: signal === 'SIGKILL', phase, seen, totalMs, output };
}

/** How long an undisturbed run takes, and each of its phases. */
export async function measure({ ground, action, hypervisor }) {
  const { code, seen, totalMs, output } = await run({ ground, action, hypervisor });
  if (code !== 0) throw new Error(`an undisturbed '${action}' fails:\n${output}`);
  const begins = [...seen.values(), totalMs];
  const lengths = [...seen.keys()].map((name, at) => [name, begins[at + 1] - begins[at]]);
  return { totalMs, lengths: new Map(lengths) };
}
