/**
 * Carries out the undo entries of operations on instances, right away or after a crash.
 *
 * N1 Each action may run twice, and what is gone already is done.
 * N2 Only what is ours goes: a directory with anything else in it stays, and so do a guest whose
 *    name and a mirror whose minor belongs to another instance by now.
 * N3 What could not be done is an error: the entry stays in the journal and is tried again. A node
 *    that left the cluster took with it what was on it.
 */
import { ExecError, messageOf } from '../errors.js';
import { runtimeOf } from '../lu-helpers.js';
import type { Disk, DiskPart } from '../model/disk.js';
import type { InstanceId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { UndoContext, UndoRegistry } from '../ports/journal.js';
import type { DiskCommands } from '../ports/disk-commands.js';
import type { PowerCommands } from '../ports/node-rpc.js';
import { unwrap } from '../ports/reply.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { transferUndoActions } from '../transfer/undo.js';
import {
  guestArgs,
  ownerArgs,
  remainsArgs,
  renamedArgs,
  reservedArgs,
  syncArgs,
} from './undo-args.js';
import {
  type Device,
  type GuestOnNode,
  nameOfDevice,
  type Remains,
  type RenamedVolumes,
  type Reserved,
  UNDO,
} from './undo-entries.js';
import { useUndoActions } from './undo-use.js';

/**
 * The actions by which operations on instances are taken back; part of a host's undo registry.
 * @public
 */
export const instanceUndoActions: UndoRegistry = {
  [UNDO.clearRemains]: async (args, ctx) => clearRemains(remainsArgs(args), ctx),
  [UNDO.withdrawInstance]: async (args, ctx) =>
    withdraw(remainsArgs(args), reservedArgs(args), ctx),
  [UNDO.stopInstance]: async (args, ctx) => stopGuest(guestArgs(args), ownerArgs(args), ctx),
  [UNDO.renameBack]: async (args, ctx) => renameBack(renamedArgs(args), ctx),
  [UNDO.resumeSync]: async (args, ctx) => resumeSync(syncArgs(args), ctx),
  ...transferUndoActions,
  ...useUndoActions,
};

/** What clearing takes; the context of an operation has it, too. */
export interface ClearingTools {
  readonly rpc: DiskCommands & PowerCommands;
  readonly config: ConfigReader;
}

/**
 * Stops the guest, removes disks, then the directories in which they lay. One disk's failure does
 * not keep the others; all failures are in the `ExecError` that is thrown in the end.
 */
export async function clearRemains(remains: Remains, tools: ClearingTools): Promise<void> {
  if (remains.guest !== undefined) await stopGuest(remains.guest, remains, tools);
  const failures: string[] = [];
  for (const device of remains.devices) {
    const failure = await attempt(() => removeDevice(device, remains, tools));
    if (failure !== undefined) failures.push(failure);
  }
  // A directory with a disk of ours in it waits for that disk.
  if (failures.length === 0) failures.push(...(await clearDirectories(remains, tools)));
  // A node that is out of reach says the same of each disk.
  if (failures.length > 0) throw new ExecError([...new Set(failures)].join('; '));
}

async function removeDevice(
  device: Device,
  remains: Remains,
  { rpc, config }: ClearingTools,
): Promise<void> {
  const name = nameOf(device.node, config);
  if (name === undefined) return;
  const runtime = ownerOf(remains, config);
  // What the configuration knows of the disk is newer than the entry.
  const disk = config.find('disk', device.disk.id) ?? device.disk;
  if (isAnothers(device, disk, config)) return;
  const reply = await rpc.removeDisk(device.node, { disk, runtime });
  unwrap.exec(reply, `Cannot remove ${nameOfDevice(device)} on ${name}`);
}

/** Minors are used again, so what was left once may be another disk's mirror now. */
function isAnothers({ node }: Device, disk: Disk | DiskPart, config: ConfigReader): boolean {
  const { location } = disk;
  if (location.kind !== 'drbd' || !('id' in disk)) return false;
  const minor = location.minors[location.nodes.indexOf(node)];
  const holder = config.holderOf('minor', `${node}/${minor}`);
  return holder !== undefined && holder !== disk.id && config.find('disk', holder) !== undefined;
}

/** The instance with its disks, which the configuration may not know (yet, or any more). */
function ownerOf({ instance, devices }: Remains, config: ConfigReader): RuntimeInstance {
  const stored = config.find('instance', instance.id);
  if (stored !== undefined) return runtimeOf(config, stored);
  const disks = devices.flatMap(({ disk }) => ('index' in disk ? [disk] : []));
  return { ...runtimeOf(config, { ...instance, diskIds: [] }), disks };
}

async function clearDirectories(
  { instance, directories }: Remains,
  { rpc, config }: ClearingTools,
): Promise<readonly string[]> {
  const failures: string[] = [];
  const node = instance.primaryNode;
  for (const path of directories) {
    const name = nameOf(node, config);
    if (name === undefined) continue;
    const reply = await rpc.removeStorageDir(node, { path });
    if (reply.ok || reply.failure === 'exists') continue;
    failures.push(`Cannot remove directory ${path} on ${name}: ${reply.message}`);
  }
  return failures;
}

/** Removes what is on nodes, while they can still be told whose it is; then the instance itself. */
async function withdraw(
  remains: Remains,
  reserved: Reserved | undefined,
  ctx: UndoContext,
): Promise<void> {
  const failure = await attempt(() => clearRemains(remains, ctx));
  await forget(remains.instance, reserved, ctx);
  if (failure !== undefined) throw new ExecError(failure);
}

/** The place that was reserved for the instance is reserved again. */
async function forget(
  { id, name }: Instance,
  reserved: Reserved | undefined,
  { config }: UndoContext,
): Promise<void> {
  const instance = config.find('instance', id);
  if (instance === undefined) return;
  // It was put back already.
  if (reserved !== undefined && instance.forthcoming === true) return;
  await config.commit(`take back instance ${name}`, (draft) => {
    draft.remove('instance', id);
    for (const diskId of instance.diskIds) draft.remove('disk', diskId);
    if (reserved === undefined) return;
    draft.add('instance', reserved.instance);
    for (const disk of reserved.disks) draft.add('disk', disk);
  });
}

async function stopGuest(
  guest: GuestOnNode,
  owner: Remains | undefined,
  { rpc, config }: ClearingTools,
): Promise<void> {
  const { node, instance, ...request } = guest;
  const name = nameOf(node, config);
  const holder = config.findInstance(guest.name);
  // The guest of that name is another instance's by now.
  const isTaken = holder?.name === guest.name && holder.id !== instance;
  if (name === undefined || isTaken) return;
  const runtime = runtimeOfGuest(instance, owner, config);
  // A guest that nobody shall use is not asked politely.
  const rudely = { graceMs: 0, halfStarted: true } as const;
  const told = runtime === undefined ? {} : { runtime };
  const reply = await rpc.stopInstance(node, { ...request, ...told, ...rudely });
  unwrap.exec(reply, `Cannot stop ${guest.name} on ${name}`);
}

/** As the configuration knows it, or as its entry told. */
function runtimeOfGuest(
  instance: InstanceId,
  owner: Remains | undefined,
  config: ConfigReader,
): RuntimeInstance | undefined {
  const stored = config.find('instance', instance);
  if (stored !== undefined) return runtimeOf(config, stored);
  return owner === undefined ? undefined : ownerOf(owner, config);
}

async function renameBack(
  { node, instance, renames }: RenamedVolumes,
  { rpc, config }: UndoContext,
): Promise<void> {
  const name = nameOf(node, config);
  if (name === undefined) return;
  const runtime = runtimeOf(config, instance);
  const reply = await rpc.renameVolumes(node, { runtime, renames });
  unwrap.exec(reply, `Cannot give the volumes back their names on ${name}`);
}

async function resumeSync(
  { node, instance }: { readonly node: NodeId; readonly instance: InstanceId },
  { rpc, config }: UndoContext,
): Promise<void> {
  const name = nameOf(node, config);
  const stored = config.find('instance', instance);
  if (name === undefined || stored === undefined) return;
  const runtime = runtimeOf(config, stored);
  const reply = await rpc.pauseSync(node, { disks: runtime.disks, runtime, pause: false });
  unwrap.exec(reply, `Cannot let the mirrors of ${stored.name} sync again on ${name}`);
}

/** The name of a node that can be called; `undefined` if it is not in the cluster any more. */
function nameOf(id: NodeId, config: ConfigReader): string | undefined {
  const node = config.find('node', id);
  if (node?.offline === true) throw new ExecError(`Node ${node.name} is marked offline`);
  return node?.name;
}

/** Why it failed; `undefined` if it did not. */
async function attempt(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
