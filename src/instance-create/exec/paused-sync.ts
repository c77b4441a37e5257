/**
 * Runs something while mirrors do not sync, so that both do not fight for the disks.
 *
 * P1 That syncing has to go on again is written down before it is paused.
 * P2 Once the caller has given up, it goes on again by what is written down.
 */
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import type { DeferredUndo } from '../../ports/journal.js';
import { type Reply, unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { PlannedNode } from '../types.js';
import { undoPause } from '../undo-entries.js';
import { isMirrored } from './sync.js';

/** What goes with a pause. */
export interface PauseOf {
  readonly node: PlannedNode;
  readonly runtime: RuntimeInstance;
  readonly disks: readonly Disk[];
  /** Whether the work may go on if the pause fails. */
  readonly optional?: true;
}

/** Most time that resuming may take. */
const RESUME_MS = 60_000;

/** Does the work between pause and resumption. */
export async function whilePaused<T>(
  of: PauseOf,
  ctx: ExecContext,
  work: () => Promise<T>,
): Promise<T> {
  const isStrict = ctx.compatibility.mirrorHandling === 'strict';
  if (isStrict && !of.disks.some(isMirrored)) return work();
  const { node, runtime } = of;
  const undo = await ctx.undo.defer(undoPause(node, runtime.instance));
  const paused = await tell(of, true, ctx);
  if (!paused.ok && !isStrict) await undo.discard();
  judge(paused, of.optional === true, `Cannot pause the mirrors of ${runtime.instance.name}`, ctx);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // It went wrong already: that mirrors stay paused is told, and taken back with the rest.
    if (!ctx.signal.aborted) await resume(of, true, undo, ctx);
    throw error;
  }
  await resume(of, !isStrict, undo, ctx);
  return result;
}

async function resume(
  of: PauseOf,
  optional: boolean,
  undo: DeferredUndo,
  ctx: ExecContext,
): Promise<void> {
  const resumed = await tell(of, false, ctx);
  const isLenient = ctx.compatibility.mirrorHandling === 'lenient' && !ctx.signal.aborted;
  if (resumed.ok || isLenient) await undo.discard();
  judge(resumed, optional, `Cannot resume the mirrors of ${of.runtime.instance.name}`, ctx);
}

function tell(
  { node, runtime, disks }: PauseOf,
  pause: boolean,
  ctx: ExecContext,
): Promise<Reply<readonly boolean[]>> {
  const call = pause ? {} : { timeoutMs: RESUME_MS };
  return ctx.rpc.pauseSync(node.id, { disks, runtime, pause }, call);
}

/** What cannot be done is a warning, or an error. */
function judge(
  reply: Reply<readonly boolean[]>,
  optional: boolean,
  doing: string,
  ctx: ExecContext,
): void {
  if (!reply.ok && !optional) unwrap.exec(reply, doing);
  else if (!reply.ok) ctx.report.warn(`${doing}: ${reply.message}`);
  else if (reply.payload.includes(false)) ctx.report.warn(`${doing}: not all of them`);
}
