/**
 * Whose store it is: one process has it open, and a second one is told so by name. The record
 * outlives a `kill -9`; so it says enough to tell a living owner from a dead one whose number some
 * other process has got meanwhile.
 *
 * O1 Of two processes that open a store, at most one gets it, whenever the other one died.
 */
import { readFileSync } from 'node:fs';

/** A process, told apart from all others that ever had or will have its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in the kernel's ticks since boot; empty where the system does not tell. */
  readonly started: string;
  /** The kernel's id of this boot; empty where the system does not tell. */
  readonly boot: string;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: bootId() };
}

/** Whether the process still runs. Where the system tells no start times, its number decides. */
export function isRunning(owner: ProcessIdentity): boolean {
  if (owner.boot !== bootId()) return false;
  if (owner.started === '') return isNumberInUse(owner.pid);
  return startOf(owner.pid) === owner.started;
}

/** Reads an owner's record; `undefined` if it is none, so that nobody can be asked. */
export function parseOwner(text: string): ProcessIdentity | undefined {
  const match = /^(\d+) (\S*) (\S*)$/.exec(text);
  if (match === null) return undefined;
  const [, pid = '', started = '', boot = ''] = match;
  return { pid: Number(pid), started, boot };
}

/** The record of an owner. */
export function formatOwner({ pid, started, boot }: ProcessIdentity): string {
  return `${pid} ${started} ${boot}`;
}

/** When a process began; `undefined` if there is none of that number, or only its corpse. */
function startOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything, so fields are counted from its end: state is the
  // first after it, the start time the twentieth.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state = ''] = fields;
  return 'ZXx'.includes(state) ? undefined : fields[19];
}

function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function isNumberInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The system's name of an error, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
