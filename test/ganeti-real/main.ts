/**
 * Runs the tests that need Ganeti's own node daemon, with nothing mocked:
 *
 *   npm run test:ganeti                      skips, with a reason, where it cannot be run
 *   npm run test:ganeti -- --required        fails there instead: for continuous integration
 *   npm run test:ganeti -- create            what vitest takes: files, -t NAME …
 *
 * All of it lives in namespaces of its own (network, mounts, processes). Nothing outside sees a
 * daemon, an address or a file of it, several runs do not meet, and whatever happens to this
 * process, the kernel ends everything that it has started.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const INSIDE = fileURLToPath(new URL('inside.sh', import.meta.url));

const NAMESPACES = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];

const PROGRAMS = ['ip', 'openssl', 'unshare', 'setpriv', 'hostname', 'qemu-system-x86_64'];

const DAEMON = '/usr/sbin/ganeti-noded';

const given = process.argv.slice(2);
const isRequired = given.includes('--required');
const args = given.filter((arg) => arg !== '--required');

const reason = whyNot();
if (reason === undefined) {
  process.exitCode = await run(args);
} else {
  process.stdout.write(`test:ganeti ${isRequired ? 'FAILED' : 'skipped'}: ${reason}\n`);
  process.exitCode = isRequired ? 1 : 0;
}

/** What this machine lacks. */
function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'node daemons run on Linux only';
  if (process.getuid?.() !== 0) return 'node daemons run as root only, and this is another user';
  if (!existsSync(DAEMON)) return `there is no ${DAEMON}; install the Debian package 'ganeti'`;
  if (!existsSync('/usr/share/ganeti/os/noop')) {
    return "there is no OS 'noop'; install the Debian package 'ganeti-os-noop'";
  }
  for (const program of PROGRAMS) {
    if (!works('sh', ['-c', `command -v ${program}`])) return `there is no program ${program}`;
  }
  if (!works('unshare', [...NAMESPACES, 'sh', INSIDE, 'true'])) {
    return 'this machine does not let us make namespaces (unshare, tmpfs, bridges)';
  }
  return undefined;
}

function works(program: string, withArgs: readonly string[]): boolean {
  return spawnSync(program, withArgs, { stdio: 'ignore' }).status === 0;
}

function run(withArgs: readonly string[]): Promise<number> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const config = ['--config', join(ROOT, 'vitest.ganeti.config.ts')];
  const command = ['sh', INSIDE, process.execPath, vitest, 'run', ...config, ...withArgs];
  // Whoever ends us, ends them.
  const bound = ['--pdeathsig', 'KILL', 'unshare', ...NAMESPACES, ...command];
  const child = spawn('setpriv', bound, { cwd: ROOT, stdio: 'inherit' });
  const end = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.once('SIGINT', end).once('SIGTERM', end);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
