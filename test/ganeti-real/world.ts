/**
 * The world that real node daemons live in: namespaces of its own (network, mounts, processes).
 * Nothing outside sees a daemon, an address or a file of it, several worlds do not meet, and whatever
 * happens to this process, the kernel ends everything that was started in there.
 */
import { type ChildProcess, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const INSIDE = fileURLToPath(new URL('inside.sh', import.meta.url));

const NAMESPACES = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];

const PROGRAMS = ['ip', 'openssl', 'unshare', 'setpriv', 'hostname', 'qemu-system-x86_64'];

const DAEMON = '/usr/sbin/ganeti-noded';

/** What this machine lacks for such a world; `undefined` if it has all. */
export function whyNot(): string | undefined {
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

/** Runs a command of Node.js in a new world. Who ends this process ends the world as well. */
export function inNewWorld(args: readonly string[], stdio: StdioOptions): ChildProcess {
  const command = ['sh', INSIDE, process.execPath, ...args];
  const bound = ['--pdeathsig', 'KILL', 'unshare', ...NAMESPACES, ...command];
  const child = spawn('setpriv', bound, { cwd: ROOT, stdio });
  // It takes no other signal while it waits for what it has started, and the kernel ends the rest.
  const end = (): void => void child.kill('SIGKILL');
  process.once('SIGINT', end).once('SIGTERM', end);
  return child;
}
