/**
 * Finding programs again whose starter was killed: SIGKILL leaves it no time to stop them, and a
 * script that goes on would work on what recovery is taking away. To write its number down would be
 * too late, and the number may be somebody else's by then. So a program inherits one descriptor
 * more, of a directory that is named after its starter: whoever has that directory open is the
 * program, or was started by it.
 *
 * M1 a program is marked before its first instruction;
 * M2 nothing is ended whose starter lives, and nothing but marked programs and their groups;
 * M3 a mark ends with its run: what a script that has ended left behind is its own master.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import { codeOf } from '../paths/errno.js';
import { endGroup, groupOf, liveGroupOf } from './group.js';

/** The descriptor's number: a high one, as scripts use the low ones for themselves. */
export const MARK_FD = 127;

const GRACE_MS = 5_000;
/** What leaves its group while the group is ended is met in the next round. */
const ROUNDS = 5;

/** The mark of one run, in a directory of marks. */
export class RunMark {
  /** To be handed to the program as its {@link MARK_FD}. */
  readonly fd: number;
  readonly #path: string;

  /** Makes the directory of marks, too, if it is missing. Throws what the system says. */
  constructor(marksDir: string) {
    mkdirSync(marksDir, { recursive: true, mode: 0o700 });
    const group = groupOf(readFileSync('/proc/self/stat', 'latin1'));
    this.#path = mkdtempSync(join(marksDir, `${process.pid}.${group}.`));
    try {
      // Our own descriptor is the sign that the starter lives.
      this.fd = openSync(this.#path, 'r');
    } catch (error) {
      rmSync(this.#path, { recursive: true, force: true });
      throw error;
    }
  }

  /** To be called when no member of the program's group is alive. */
  remove(): void {
    closeSync(this.fd);
    rmSync(this.#path, { recursive: true, force: true });
  }
}

/**
 * Ends programs whose starter is gone, and removes their marks. Throws `PrereqError`
 * `environment_error` naming what cannot be ended.
 */
export async function endOrphans(marksDir: string, clock: Clock): Promise<void> {
  const names = await readdir(marksDir).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  const base = await realpath(marksDir);
  for (const name of names) {
    const starter = parseMark(name);
    if (starter !== undefined) await endMarked(join(base, name), starter, clock);
  }
}

interface Starter {
  readonly pid: number;
  readonly group: number;
}

interface Holder {
  readonly pid: number;
  readonly group: number;
}

async function endMarked(mark: string, starter: Starter, clock: Clock): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const holders = await holdersOf(mark);
    if (holders.some(({ pid }) => pid === starter.pid)) return;
    if (holders.length === 0) {
      await rm(mark, { recursive: true, force: true });
      return;
    }
    for (const holder of holders) await end(holder, starter, clock);
  }
  const numbers = (await holdersOf(mark)).map(({ pid }) => pid).join(', ');
  refuse.environment(
    `Scripts that a killed process had started cannot be stopped (processes ${numbers}); ` +
      'stop them and try again',
  );
}

async function end({ pid, group }: Holder, starter: Starter, clock: Clock): Promise<void> {
  if (group !== starter.group) {
    await endGroup(group, clock, GRACE_MS);
    return;
  }
  // Between its making and its first instruction a program is in its starter's group still.
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function parseMark(name: string): Starter | undefined {
  const [, pid, group] = /^(\d+)\.(\d+)\.\w+$/.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), group: Number(group) };
}

/** The processes that have a directory open. */
async function holdersOf(path: string): Promise<readonly Holder[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const group = (await holds(pid, path)) ? await liveGroupOf(pid) : undefined;
      return group === undefined ? [] : [{ pid: Number(pid), group }];
    }),
  );
  return found.flat();
}

/** Another user's process does not show what it has open; then it is none of ours. */
async function holds(pid: string, path: string): Promise<boolean> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).includes(path);
}
