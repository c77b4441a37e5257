/**
 * Process groups. A script is the leader of a group of its own; whatever it starts belongs to the
 * group too, unless it leaves on purpose. So the group is what has to end.
 *
 * G1 a signal reaches every member; G2 a member that has died but was not yet collected by its
 * parent (a zombie) does not count; G3 waiting for a group ends by itself, even if the system
 * cannot kill a member.
 */
import { readdir, readFile } from 'node:fs/promises';
import { type Clock, sleep } from '../../ports/clock.js';

/** How often a group that should end is looked at. */
const POLL_MS = 20;
/** How long a killed group may take; only a process that hangs in the kernel takes longer. */
const KILLED_MS = 10_000;

/** Sends a signal to every member. A group that is gone is fine. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Whether a member is alive. */
export async function groupLives(group: number): Promise<boolean> {
  try {
    process.kill(-group, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  // Somebody answers; zombies answer as well, so they have to be told apart.
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(pids.map((pid) => liveGroupOf(pid)));
  return states.includes(group);
}

/** Waits until no member is alive; gives up, with `false`, when `signal` fires. */
export async function groupGone(
  group: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  while (await groupLives(group)) {
    if (signal.aborted) return false;
    await sleep(clock, POLL_MS, signal).catch(() => undefined);
  }
  return true;
}

/**
 * Ends a group: asks all members to end, and after `graceMs` kills those that did not.
 * @returns whether the group is gone.
 */
export async function endGroup(group: number, clock: Clock, graceMs: number): Promise<boolean> {
  const enough = new AbortController();
  const kill = clock.timer(graceMs, () => signalGroup(group, 'SIGKILL'));
  const giveUp = clock.timer(graceMs + KILLED_MS, () => enough.abort());
  try {
    signalGroup(group, 'SIGTERM');
    // A stopped process would not see the request.
    signalGroup(group, 'SIGCONT');
    return await groupGone(group, clock, enough.signal);
  } finally {
    kill.cancel();
    giveUp.cancel();
  }
}

/** The group of a process that is alive. */
export async function liveGroupOf(pid: string): Promise<number | undefined> {
  return groupOf(await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''));
}

/** The group in a process's `stat` file; `undefined` if the process is dead. */
export function groupOf(stat: string): number | undefined {
  // The name in parentheses may hold anything; what follows it are state, parent, group.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === '' || state === 'Z' || state === 'X'
    ? undefined
    : Number(group);
}
