/**
 * Carries out the undo entries of operations on instances, right away or after a crash.
 *
 * N1 Each action may run twice, and what is gone already is done.
 * N2 Only what is ours goes: a directory with anything else in it stays.
 * N3 What could not be done is an error: the entry stays in the journal and is tried again. A node
 *    that left the cluster took with it what was on it.
 */
import { z } from 'zod';
import { ConfigError, ExecError } from '../errors.js';
import type { Disk } from '../model/disk.js';
import { DISK_TEMPLATES } from '../model/disk-template.js';
import { HYPERVISOR_NAMES } from '../model/hypervisor.js';
import type { DiskId, InstanceId, NodeId } from '../model/ids.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { UndoAction, UndoContext, UndoRegistry } from '../ports/journal.js';
import type { DiskCommands } from '../ports/node-rpc.js';
import { unwrap } from '../ports/reply.js';
import { UNDO } from './undo-entries.js';

/**
 * The actions by which operations on instances are taken back; part of a host's undo registry.
 * @public
 */
export const instanceUndoActions: UndoRegistry = {
  [UNDO.removeDisk]: action(removeDiskArgs, ({ node, disk }, ctx) => removeDisk(node, disk, ctx)),
  [UNDO.removeStorageDir]: action(storageDirArgs, ({ node, path }, ctx) =>
    removeDirectory(node, path, ctx),
  ),
  [UNDO.forgetInstance]: action(forgetArgs, ({ instance }, ctx) => forget(instance, ctx)),
  [UNDO.stopInstance]: action(stopArgs, stop),
  [UNDO.clearDisks]: action(clearArgs, ({ nodes, disks }, ctx) => clearDisks(nodes, disks, ctx)),
};

/** Journals are files: what is read from them is checked. Schemas are built when used first. */
function action<T>(
  schema: () => z.ZodType<T>,
  work: (args: T, ctx: UndoContext) => Promise<void>,
): UndoAction {
  return async (given, ctx) => {
    const parsed = schema().safeParse(given);
    if (!parsed.success) {
      throw new ConfigError('An undo entry has arguments that fit no action', 'corrupt', {
        cause: parsed.error,
      });
    }
    await work(parsed.data, ctx);
  };
}

/** Removes disks, then the directories in which they lay, on every node. */
export async function clearDisks(
  nodes: readonly NodeId[],
  disks: readonly Disk[],
  ctx: Tools,
): Promise<void> {
  const directories = new Set(disks.map(directoryOf));
  for (const node of nodes) {
    for (const disk of disks) await removeDisk(node, disk, ctx);
    for (const path of directories) await removeDirectory(node, path, ctx);
  }
}

/** What removing takes; the context of the work has it, too. */
interface Tools {
  readonly rpc: DiskCommands;
  readonly config: ConfigReader;
}

async function removeDisk(node: NodeId, disk: Disk, { rpc, config }: Tools): Promise<void> {
  const name = nameOf(node, config);
  if (name === undefined) return;
  const reply = await rpc.removeDisk(node, { disk });
  unwrap.exec(reply, `Cannot remove ${disk.location.path} on ${name}`);
}

async function removeDirectory(node: NodeId, path: string, { rpc, config }: Tools): Promise<void> {
  const name = nameOf(node, config);
  if (name === undefined) return;
  const reply = await rpc.removeStorageDir(node, { path });
  if (!reply.ok && reply.failure === 'exists') return;
  unwrap.exec(reply, `Cannot remove directory ${path} on ${name}`);
}

async function forget(id: InstanceId, { config }: UndoContext): Promise<void> {
  const instance = config.find('instance', id);
  if (instance === undefined) return;
  await config.commit(`take back instance ${instance.name}`, (draft) => {
    draft.remove('instance', id);
    for (const diskId of instance.diskIds) draft.remove('disk', diskId);
  });
}

async function stop(args: StopArgs, { rpc, config }: UndoContext): Promise<void> {
  const { node, ...request } = args;
  const name = nameOf(node, config);
  if (name === undefined) return;
  // A guest that nobody can have used yet is not asked politely.
  const reply = await rpc.stopInstance(node, { ...request, graceMs: 0 });
  unwrap.exec(reply, `Cannot stop ${request.name} on ${name}`);
}

function directoryOf({ location }: Disk): string {
  return location.path.slice(0, location.path.lastIndexOf('/'));
}

/** The name of a node that can be called; `undefined` if it is not in the cluster any more. */
function nameOf(id: NodeId, config: ConfigReader): string | undefined {
  const node = config.find('node', id);
  if (node?.offline === true) throw new ExecError(`Node ${node.name} is marked offline`);
  return node?.name;
}

type StopArgs = z.infer<ReturnType<typeof stopArgs>>;

function textOf<T extends string>(): z.ZodCustom<T> {
  return z.custom<T>((value) => typeof value === 'string');
}

function removeDiskArgs() {
  return z.object({ node: textOf<NodeId>(), disk: diskSchema() });
}

function storageDirArgs() {
  return z.object({ node: textOf<NodeId>(), path: z.string() });
}

function forgetArgs() {
  return z.object({ instance: textOf<InstanceId>() });
}

function stopArgs() {
  const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
  return z.object({
    node: textOf<NodeId>(),
    name: z.string(),
    hypervisor: z.enum(HYPERVISOR_NAMES),
    hvParams: z.record(z.string(), value),
  });
}

function clearArgs() {
  return z.object({ nodes: z.array(textOf<NodeId>()), disks: z.array(diskSchema()) });
}

function diskSchema(): z.ZodType<Disk> {
  return z.object({
    id: textOf<DiskId>(),
    instanceId: textOf<InstanceId>(),
    index: z.number(),
    template: z.enum(DISK_TEMPLATES),
    sizeMib: z.number(),
    mode: z.enum(['rw', 'ro']),
    name: z.string().exactOptional(),
    location: z.object({
      kind: z.literal('file'),
      driver: z.enum(['loop', 'blktap', 'blktap2']),
      path: z.string(),
    }),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    tags: z.array(z.string()),
    serial: z.number(),
    createdAtMs: z.number(),
    modifiedAtMs: z.number(),
  });
}
