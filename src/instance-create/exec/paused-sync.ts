/**
 * Runs something while mirrors do not sync, so that both do not fight for the disks.
 *
 * P1 That syncing has to go on again is written down before it is paused.
 */
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import { type Reply, unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { PlannedNode } from '../types.js';
import { undoPause } from '../undo-entries.js';

/** What goes with a pause. */
export interface PauseOf {
  readonly node: PlannedNode;
  readonly runtime: RuntimeInstance;
  readonly disks: readonly Disk[];
  /** Whether the work may go on if the pause fails. */
  readonly optional?: true;
}

/** Does the work between pause and resumption; a failing resumption is a warning. */
export async function whilePaused<T>(
  of: PauseOf,
  ctx: ExecContext,
  work: () => Promise<T>,
): Promise<T> {
  const { node, runtime } = of;
  const { name } = runtime.instance;
  const undo = await ctx.undo.defer(undoPause(node, runtime.instance));
  const paused = await tell(of, true, ctx);
  if (!paused.ok && ctx.compatibility.halfMade === 'left') await undo.discard();
  if (of.optional === true) warn(paused, `Mirrors of ${name} cannot be paused`, ctx);
  else unwrap.exec(paused, `Cannot pause the mirrors of ${name} on ${node.name}`);
  try {
    return await work();
  } finally {
    const resumed = await tell(of, false, ctx);
    warn(resumed, `Mirrors of ${name} cannot be resumed; they may be out of date`, ctx);
    if (resumed.ok || ctx.compatibility.halfMade === 'left') await undo.discard();
  }
}

function tell(
  { node, runtime, disks }: PauseOf,
  pause: boolean,
  ctx: ExecContext,
): Promise<Reply<readonly boolean[]>> {
  // What was paused has to be resumed, even if the caller has given up.
  const call = pause ? {} : { signal: new AbortController().signal };
  return ctx.rpc.pauseSync(node.id, { disks, runtime, pause }, call);
}

function warn(reply: Reply<readonly boolean[]>, what: string, ctx: ExecContext): void {
  if (!reply.ok) ctx.report.warn(`${what}: ${reply.message}`);
  else if (reply.payload.includes(false)) ctx.report.warn(`${what}: not all of them`);
}
