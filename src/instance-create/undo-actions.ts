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
import { HYPERVISOR_NAMES, type HypervisorName } from '../model/hypervisor.js';
import type { DiskId, InstanceId, NodeId } from '../model/ids.js';
import type { Params } from '../model/params.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { UndoAction, UndoContext, UndoRegistry } from '../ports/journal.js';
import type { DiskCommands } from '../ports/node-rpc.js';
import { unwrap } from '../ports/reply.js';
import type { PlannedNode } from './types.js';
import { type StorageOnNodes, UNDO } from './undo-entries.js';

/**
 * The actions by which operations on instances are taken back; part of a host's undo registry.
 * @public
 */
export const instanceUndoActions: UndoRegistry = {
  [UNDO.clearStorage]: action(storageSchema, clearStorage),
  [UNDO.forgetInstance]: action(forgetSchema, ({ instance }, ctx) => forget(instance, ctx)),
  [UNDO.stopInstance]: action(stopSchema, stop),
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

/** What clearing takes; the context of an operation has it, too. */
export interface ClearingTools {
  readonly rpc: DiskCommands;
  readonly config: ConfigReader;
}

/**
 * Removes disks on every node, then the directories in which they lay. One disk's failure does not
 * keep the others; all failures are in the `ExecError` that is thrown in the end.
 */
export async function clearStorage(storage: StorageOnNodes, tools: ClearingTools): Promise<void> {
  const failures: string[] = [];
  for (const node of storage.nodes) {
    const name = nameOf(node, tools.config);
    if (name !== undefined) failures.push(...(await clearNode({ id: node, name }, storage, tools)));
  }
  if (failures.length > 0) throw new ExecError(failures.join('; '));
}

async function clearNode(
  node: PlannedNode,
  { disks, directories }: StorageOnNodes,
  { rpc }: ClearingTools,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const disk of disks) {
    const reply = await rpc.removeDisk(node.id, { disk });
    if (reply.ok) continue;
    failures.push(`Cannot remove ${disk.location.path} on ${node.name}: ${reply.message}`);
  }
  // A directory with a disk of ours in it waits for that disk.
  if (failures.length > 0) return failures;
  for (const path of directories) {
    const reply = await rpc.removeStorageDir(node.id, { path });
    if (reply.ok || reply.failure === 'exists') continue;
    failures.push(`Cannot remove directory ${path} on ${node.name}: ${reply.message}`);
  }
  return failures;
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

/** The name of a node that can be called; `undefined` if it is not in the cluster any more. */
function nameOf(id: NodeId, config: ConfigReader): string | undefined {
  const node = config.find('node', id);
  if (node?.offline === true) throw new ExecError(`Node ${node.name} is marked offline`);
  return node?.name;
}

function textOf<T extends string>(): z.ZodCustom<T> {
  return z.custom<T>((value) => typeof value === 'string');
}

function storageSchema(): z.ZodType<StorageOnNodes> {
  return z.object({
    nodes: z.array(textOf<NodeId>()),
    disks: z.array(diskSchema()),
    directories: z.array(z.string()),
  });
}

function forgetSchema(): z.ZodType<{ instance: InstanceId }> {
  return z.object({ instance: textOf<InstanceId>() });
}

/** A guest, and where it may run. */
interface StopArgs {
  readonly node: NodeId;
  readonly name: string;
  readonly hypervisor: HypervisorName;
  readonly hvParams: Params;
}

function stopSchema(): z.ZodType<StopArgs> {
  return z.object({
    node: textOf<NodeId>(),
    name: z.string(),
    hypervisor: z.enum(HYPERVISOR_NAMES),
    hvParams: paramsSchema(),
  });
}

function paramsSchema(): z.ZodType<Params> {
  return z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
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
    params: paramsSchema(),
    tags: z.array(z.string()),
    serial: z.number(),
    createdAtMs: z.number(),
    modifiedAtMs: z.number(),
  });
}
