/**
 * Overwrites a disk stretch by stretch, so that it can be seen and stopped.
 */
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import { type Disk, whereOf } from '../../model/disk.js';
import type { CallProgress } from '../../ports/call.js';
import { unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { PlannedNode } from '../types.js';

/** A stretch is this part of the disk, but no longer than that (Ganeti's wipe chunks). */
const PERCENT = 10;
const LONGEST_MIB = 1024;

/** The disk holds zeros. */
export async function wipeDisk(
  disk: Disk,
  node: PlannedNode,
  runtime: RuntimeInstance,
  ctx: ExecContext,
): Promise<void> {
  const { sizeMib } = disk;
  const stretch = stretchMib(sizeMib);
  ctx.report.step(`Wiping disk ${disk.index} (${sizeMib} MiB) on ${node.name}`);
  for (let offsetMib = 0; offsetMib < sizeMib; offsetMib += stretch) {
    throwIfCancelled(ctx.signal, `disk ${disk.index} was wiped`);
    const lengthMib = Math.min(stretch, sizeMib - offsetMib);
    // What the node tells of a stretch is a part of the whole.
    const onProgress = ({ fraction }: CallProgress): void =>
      ctx.report.progress((offsetMib + fraction * lengthMib) / sizeMib);
    const request = { disk, runtime, offsetMib, lengthMib };
    const reply = await ctx.rpc.wipeDisk(node.id, request, { onProgress });
    unwrap.exec(reply, `Cannot wipe disk ${whereOf(disk.location)} on ${node.name}`);
    ctx.report.progress((offsetMib + lengthMib) / sizeMib);
  }
}

/** Never 0: a small disk would never be done. Rounded as Ganeti does, on its way to the part. */
function stretchMib(sizeMib: number): number {
  return Math.max(1, Math.floor(Math.min(LONGEST_MIB, (sizeMib / 100) * PERCENT)));
}
