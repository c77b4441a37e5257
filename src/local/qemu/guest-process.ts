/**
 * Finding a guest's process, and making sure that it is the guest's. A number in a file proves
 * nothing: the process may be gone and its number somebody else's. The proof is the command line,
 * which names the guest's own pid file.
 *
 * R1 no process is signalled whose command line does not name that file;
 * R2 a guest is found even if it had no time to write its number down.
 */
import { readdir, readFile } from 'node:fs/promises';
import { type Clock, sleep } from '../../ports/clock.js';
import type { GuestFiles } from './guest-files.js';

const POLL_MS = 20;

/** A guest that runs. */
export interface GuestProcess {
  /** Its process number. */
  readonly pid: number;
  /** The program and its arguments. */
  readonly argv: readonly string[];
}

/** The guest's process; `undefined` if it does not run. */
export async function findGuest(files: GuestFiles): Promise<GuestProcess | undefined> {
  const noted = await readFile(files.pid, 'latin1').catch(() => '');
  const pid = /^\d+$/.exec(noted.trim())?.[0];
  const guest = pid === undefined ? undefined : await examine(pid, files);
  return guest ?? (await searchAll(files));
}

/** Waits until the guest's process is gone; false if it is still there when `signal` fires. */
export async function guestGone(
  guest: GuestProcess,
  files: GuestFiles,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  while ((await examine(String(guest.pid), files)) !== undefined) {
    if (signal.aborted) return false;
    await sleep(clock, POLL_MS, signal).catch(() => undefined);
  }
  return true;
}

/** Kills the guest's process at once, if it is still the guest's. */
export async function killGuest(guest: GuestProcess, files: GuestFiles): Promise<void> {
  if ((await examine(String(guest.pid), files)) === undefined) return;
  try {
    process.kill(guest.pid, 'SIGKILL');
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}

/** The value that follows an option on the command line. */
export function argumentOf(guest: GuestProcess, option: string): string | undefined {
  const at = guest.argv.indexOf(option);
  return at < 0 ? undefined : guest.argv[at + 1];
}

/** Memory that the process has really got, MiB. */
export async function residentMib(guest: GuestProcess): Promise<number> {
  const text = await readFile(`/proc/${guest.pid}/status`, 'latin1').catch(() => '');
  return Math.floor(Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024);
}

/** A process that died and waits to be collected has no command line, so it does not count. */
async function examine(pid: string, files: GuestFiles): Promise<GuestProcess | undefined> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const guest = { pid: Number(pid), argv: text.split('\0') };
  return argumentOf(guest, '-pidfile') === files.pid ? guest : undefined;
}

async function searchAll(files: GuestFiles): Promise<GuestProcess | undefined> {
  const entries = await readdir('/proc').catch(() => [] as string[]);
  for (const pid of entries.filter((entry) => /^\d+$/.test(entry))) {
    const guest = await examine(pid, files);
    if (guest !== undefined) return guest;
  }
  return undefined;
}
