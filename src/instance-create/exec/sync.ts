/**
 * Waits until the mirrors of an instance's disks agree, as Ganeti does (`WaitForSync`).
 *
 * W1 Who waits sees progress; who does not, at least learns whether a mirror is broken.
 * W2 A mirror that is done but degraded is asked again a few times: it may just have come up.
 * W3 Between two questions there is a pause, whatever the node says.
 */
import { ExecError } from '../../errors.js';
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import type { Disk } from '../../model/disk.js';
import { sleep } from '../../ports/clock.js';
import type { MirrorStatus } from '../../ports/node-facts.js';
import type { RuntimeInstance } from '../../ports/runtime.js';

/** Limits (Ganeti's). */
const LIMITS = {
  /** How often a degraded mirror is asked again, altogether. */
  degradedPolls: 10,
  degradedPauseMs: 1000,
  /** How many failing polls in a row end the waiting. */
  failedPolls: 10,
  failedPauseMs: 6000,
  longestPauseMs: 60_000,
  /** How long to wait where nobody can say how long it will take, seconds. */
  unknownS: 5,
  /** Not Ganeti's: a node that says "at once" again and again is not asked without a pause. */
  shortestPauseMs: 1000,
};

/** What one poll says of all disks together. */
interface Poll {
  readonly done: boolean;
  readonly degraded: boolean;
  readonly longestS: number;
}

/** Whether a disk has mirrors that our nodes keep in sync. */
export function isMirrored({ template }: Pick<Disk, 'template'>): boolean {
  return DISK_TEMPLATE_FACTS[template].mirrored === 'internal';
}

/**
 * Waits for the mirrors; `once` does not wait for data that is still being copied. Answers whether
 * they are healthy. Throws an `ExecError` (`remote`) if the node does not answer for a minute.
 */
export async function mirrorsHealthy(
  runtime: RuntimeInstance,
  once: boolean,
  ctx: ExecContext,
): Promise<boolean> {
  if (runtime.disks.length === 0) return true;
  let retries = LIMITS.degradedPolls;
  for (;;) {
    const poll = await ask(runtime, ctx);
    const settled = poll.done || once;
    if (!settled) await pause(pauseMs(poll), ctx);
    else if (poll.degraded && retries > 0) {
      retries -= 1;
      await pause(LIMITS.degradedPauseMs, ctx);
    } else return !poll.degraded;
  }
}

async function ask(runtime: RuntimeInstance, ctx: ExecContext): Promise<Poll> {
  const { primaryNode, name } = runtime.instance;
  const disks = runtime.disks.filter(isMirrored);
  for (let failures = 1; ; failures++) {
    const reply = await ctx.rpc.mirrorStatus(primaryNode, { disks, runtime });
    if (reply.ok) return judge(reply.payload, name, ctx);
    ctx.report.warn(`The mirrors of ${name} cannot be looked at: ${reply.message}`);
    if (failures >= LIMITS.failedPolls) {
      const text = `Node does not tell about the mirrors of ${name}: ${reply.message}`;
      // Where failures keep what was done, not knowing is no reason to remove it.
      await ctx.undo.commitPoint();
      throw new ExecError(text, { about: 'remote' });
    }
    await pause(LIMITS.failedPauseMs, ctx);
  }
}

function judge(states: readonly MirrorStatus[], name: string, ctx: ExecContext): Poll {
  const syncing = states.filter(({ syncPercent }) => syncPercent !== undefined);
  const percents = states.flatMap(({ syncPercent }) => syncPercent ?? []);
  if (percents.length > 0) {
    const slowest = Math.min(...percents);
    ctx.report.progress(slowest / 100, `Mirrors of ${name} are in sync to ${slowest} %`);
  }
  return {
    done: syncing.length === 0,
    degraded: states.some((state) => state.degraded && state.syncPercent === undefined),
    longestS: syncing.map(({ estimatedS }) => estimatedS ?? LIMITS.unknownS).at(-1) ?? 0,
  };
}

function pauseMs({ longestS }: Poll): number {
  return Math.max(LIMITS.shortestPauseMs, Math.min(longestS * 1000, LIMITS.longestPauseMs));
}

async function pause(ms: number, ctx: ExecContext): Promise<void> {
  throwIfCancelled(ctx.signal, 'the mirrors were in sync');
  await sleep(ctx.clock, ms, ctx.signal);
}
