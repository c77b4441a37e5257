/**
 * Copies of disks as they are at one moment, so that a guest runs on while they are sent.
 *
 * Y1 Where copies lie is decided and written down before they are made.
 * Y2 Copies of some disks only are of no use: they go, and the disks themselves are sent, if the
 *    guest may be down for so long.
 */
import { ExecError } from '../../errors.js';
import { clearRemains } from '../../instance-create/undo-actions.js';
import { type Remains, UNDO, withoutSecrets } from '../../instance-create/undo-entries.js';
import type { ExecContext } from '../../lu-base.js';
import { type Disk, type DiskLocation, placeOf } from '../../model/disk.js';
import type { DiskId, NodeId } from '../../model/ids.js';
import type { Reservations } from '../../ports/config-store.js';
import type { UndoEntry } from '../../ports/journal.js';
import type { ExportPlan } from './types.js';

/** Copies that were made. */
export interface Copies {
  readonly disks: readonly Disk[];
  /** Removes them. Throws `ExecError` for those that cannot be removed. */
  readonly remove: () => Promise<void>;
}

/** Where the copies of disks will lie. Claims the places. */
export function planSnapshots(
  disks: readonly Disk[],
  node: NodeId,
  reserve: Reservations,
): readonly Disk[] {
  return disks.map((disk) => {
    const { parts: _, spindles: __, ...whole } = disk;
    // A mirrored disk is copied where its data lie on this node.
    const source = disk.parts?.[0] ?? disk;
    const location = besides(source.location);
    reserve.volume(placeOf(location));
    return {
      ...whole,
      id: reserve.drawId() as DiskId,
      template: source.template,
      location,
      params: source.params,
      nodes: [node],
      temporary: true,
      serial: 0,
    };
  });
}

/** Ganeti's name for a copy of a volume, and the same for one of a file. */
function besides(location: DiskLocation): DiskLocation {
  if ('volume' in location) return { ...location, volume: `${location.volume}.snap` };
  if (location.kind !== 'file') return location;
  // The directory belongs to the disk.
  const { madeDirectories: _, ...place } = location;
  return { ...place, path: `${location.path}.snap` };
}

/** Makes the copies; `undefined` if there shall be none, or none can be made. */
export async function takeSnapshots(
  plan: ExportPlan,
  ctx: ExecContext,
): Promise<Copies | undefined> {
  const { runtime, snapshots, stop, op } = plan;
  if (snapshots === undefined) return undefined;
  const { instance } = runtime;
  const devices = snapshots.map((disk) => ({ node: instance.primaryNode, disk }));
  const remains: Remains = { instance, devices, directories: [] };
  const undo = await ctx.undo.defer(undoSnapshots(remains));
  const remove = async (): Promise<void> => {
    ctx.report.step(`Removing the copies of the disks of ${instance.name}`);
    await clearRemains(remains, ctx);
    await undo.discard();
  };
  const flaw = await makeAll(plan, snapshots, ctx);
  if (flaw === undefined) return { disks: snapshots, remove };
  if (!stop || op.longSleep !== true) {
    throw new ExecError(`${flaw}; allow shutdown and longSleep to do without copies`);
  }
  ctx.report.warn(`${flaw}; the guest stays down until its disks are sent`);
  await remove();
  return undefined;
}

/** Why it did not work; `undefined` if it did. */
async function makeAll(
  { runtime }: ExportPlan,
  snapshots: readonly Disk[],
  ctx: ExecContext,
): Promise<string | undefined> {
  const { id, name } = ctx.config.node(runtime.instance.primaryNode);
  for (const [at, disk] of runtime.disks.entries()) {
    const snapshot = snapshots[at];
    if (snapshot === undefined) continue;
    ctx.report.step(`Copying disk ${disk.index} of ${runtime.instance.name} on ${name}`);
    const reply = await ctx.rpc.snapshotDisk(id, { disk, snapshot, runtime });
    if (!reply.ok) return `Cannot copy disk ${disk.index} on ${name}: ${reply.message}`;
  }
  return undefined;
}

function undoSnapshots(remains: Remains): UndoEntry {
  return {
    what: `copies of the disks of ${remains.instance.name}`,
    action: UNDO.clearRemains,
    args: { remains: withoutSecrets(remains) },
  };
}
