/**
 * Makes an instance's disks usable for a helper machine or an export, and gives them back. The
 * configuration says that disks are in use while they are, so that a node which restarts knows.
 */
import { ExecError } from '../../errors.js';
import type { ExecContext } from '../../lu-base.js';
import type { NodeId } from '../../model/ids.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { type Device, devicesOf, nameOfDevice } from '../undo-entries.js';
import type { Disk } from '../../model/disk.js';

/** Gives disks back, on all their nodes. That one cannot be given back is a warning. */
export async function releaseDisks(
  runtime: RuntimeInstance,
  disks: readonly Disk[],
  ctx: ExecContext,
): Promise<void> {
  await markDisks(runtime, false, ctx);
  for (const { node, disk } of diskDevices(runtime, disks)) {
    const reply = await ctx.rpc.shutdownDisk(node, { disk, runtime });
    if (reply.ok) continue;
    const place = `disk ${disk.index} on ${ctx.config.node(node).name}`;
    ctx.report.warn(`Cannot give back ${place}: ${reply.message}`);
  }
}

/**
 * Makes all disks usable: everywhere first, as on a node that does not run the machine, then on the
 * primary node (as Ganeti does, since mirrors have to know each other before one side writes).
 * Throws `ExecError` if one is not; then all are given back in the name of `owner`.
 */
export async function assembleDisks(
  runtime: RuntimeInstance,
  owner: RuntimeInstance,
  ctx: ExecContext,
): Promise<void> {
  await markDisks(runtime, true, ctx);
  const { primaryNode } = runtime.instance;
  const everywhere = diskDevices(runtime, runtime.disks);
  const there = everywhere.filter(({ node }) => node === primaryNode);
  const failures = [
    ...(await assemble(everywhere, false, runtime, ctx)),
    ...(await assemble(there, true, runtime, ctx)),
  ];
  if (failures.length === 0) return;
  await releaseDisks(owner, runtime.disks, ctx);
  throw new ExecError(`Disks of ${runtime.instance.name} cannot be used: ${failures.join('; ')}`);
}

async function assemble(
  devices: readonly DiskDevice[],
  onPrimary: boolean,
  runtime: RuntimeInstance,
  { rpc, config }: ExecContext,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { node, disk } of devices) {
    const reply = await rpc.assembleDisk(node, { disk, runtime, onPrimary });
    // A mirror whose other side is known to be away works all the same.
    const isAway =
      !reply.ok && reply.failure === 'offline' && node !== runtime.instance.primaryNode;
    if (reply.ok || isAway) continue;
    const place = `${nameOfDevice({ node, disk })} on ${config.node(node).name}`;
    failures.push(`${place}: ${reply.message}`);
  }
  return failures;
}

interface DiskDevice extends Device {
  readonly node: NodeId;
  readonly disk: Disk;
}

function diskDevices({ instance }: RuntimeInstance, disks: readonly Disk[]): readonly DiskDevice[] {
  return disks.flatMap((disk) => devicesOf(instance, [disk]).map(({ node }) => ({ node, disk })));
}

async function markDisks(
  { instance: { id, name } }: RuntimeInstance,
  disksActive: boolean,
  { config }: ExecContext,
): Promise<void> {
  const what = disksActive ? 'are in use' : 'are not in use';
  await config.commit(`disks of ${name} ${what}`, (draft) =>
    draft.update('instance', id, (instance) => {
      instance.disksActive = disksActive;
    }),
  );
}
