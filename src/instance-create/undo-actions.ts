/**
 * Carries out the undo entries of operations on instances, right away or after a crash.
 *
 * N1 Each action may run twice, and what is gone already is done.
 * N2 Only what is ours goes: a directory with anything else in it stays, and so does a guest whose
 *    name belongs to another instance by now.
 * N3 What could not be done is an error: the entry stays in the journal and is tried again. A node
 *    that left the cluster took with it what was on it.
 */
import { z } from 'zod';
import { ConfigError, ExecError } from '../errors.js';
import { type Disk, type DiskLocation, type DiskPart, whereOf } from '../model/disk.js';
import { DISK_TEMPLATES } from '../model/disk-template.js';
import { HYPERVISOR_NAMES } from '../model/hypervisor.js';
import type { DiskId, InstanceId, NodeId } from '../model/ids.js';
import type { Params } from '../model/params.js';
import { Secret } from '../model/secret.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { UndoAction, UndoContext, UndoRegistry } from '../ports/journal.js';
import type { DiskCommands, PowerCommands } from '../ports/node-rpc.js';
import { unwrap } from '../ports/reply.js';
import type { PlannedNode } from './types.js';
import { type GuestOnNode, type Remains, UNDO } from './undo-entries.js';

/**
 * The actions by which operations on instances are taken back; part of a host's undo registry.
 * @public
 */
export const instanceUndoActions: UndoRegistry = {
  [UNDO.clearRemains]: action(remainsSchema, clearRemains),
  [UNDO.forgetInstance]: action(forgetSchema, ({ instance }, ctx) => forget(instance, ctx)),
  [UNDO.stopInstance]: action(guestSchema, stopGuest),
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
  readonly rpc: DiskCommands & PowerCommands;
  readonly config: ConfigReader;
}

/**
 * Stops the guest, removes disks on every node, then the directories in which they lay. One disk's
 * failure does not keep the others; all failures are in the `ExecError` that is thrown in the end.
 */
export async function clearRemains(remains: Remains, tools: ClearingTools): Promise<void> {
  if (remains.guest !== undefined) await stopGuest(remains.guest, tools);
  const failures: string[] = [];
  for (const node of remains.nodes) {
    const name = nameOf(node, tools.config);
    if (name !== undefined) failures.push(...(await clearNode({ id: node, name }, remains, tools)));
  }
  if (failures.length > 0) throw new ExecError(failures.join('; '));
}

async function clearNode(
  node: PlannedNode,
  { disks, directories }: Remains,
  { rpc }: ClearingTools,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const disk of disks) {
    const reply = await rpc.removeDisk(node.id, { disk });
    if (reply.ok) continue;
    failures.push(`Cannot remove ${whereOf(disk.location)} on ${node.name}: ${reply.message}`);
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

async function stopGuest(guest: GuestOnNode, { rpc, config }: ClearingTools): Promise<void> {
  const { node, instance, ...request } = guest;
  const name = nameOf(node, config);
  const holder = config.findInstance(guest.name);
  // The guest of that name is another instance's by now.
  const isTaken = holder?.name === guest.name && holder.id !== instance;
  if (name === undefined || isTaken) return;
  // A guest that nobody shall use is not asked politely.
  const reply = await rpc.stopInstance(node, { ...request, graceMs: 0 });
  unwrap.exec(reply, `Cannot stop ${guest.name} on ${name}`);
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

function remainsSchema(): z.ZodType<Remains> {
  return z.object({
    guest: guestSchema().exactOptional(),
    nodes: z.array(textOf<NodeId>()),
    disks: z.array(diskSchema()),
    directories: z.array(z.string()),
  });
}

function forgetSchema(): z.ZodType<{ instance: InstanceId }> {
  return z.object({ instance: textOf<InstanceId>() });
}

function guestSchema(): z.ZodType<GuestOnNode> {
  return z.object({
    node: textOf<NodeId>(),
    instance: textOf<InstanceId>(),
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
    location: locationSchema(),
    params: paramsSchema(),
    nodes: z.array(textOf<NodeId>()),
    parts: z.array(partSchema()).exactOptional(),
    spindles: z.number().exactOptional(),
    forthcoming: z.literal(true).exactOptional(),
    tags: z.array(z.string()),
    serial: z.number(),
    createdAtMs: z.number(),
    modifiedAtMs: z.number(),
  });
}

function partSchema(): z.ZodType<DiskPart> {
  return z.object({
    id: textOf<DiskId>(),
    template: z.enum(DISK_TEMPLATES),
    sizeMib: z.number(),
    location: locationSchema(),
    params: paramsSchema(),
    nodes: z.array(textOf<NodeId>()),
  });
}

function locationSchema(): z.ZodType<DiskLocation> {
  const path = z.string();
  const volume = z.string();
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('file'), driver: z.enum(['loop', 'blktap', 'blktap2']), path }),
    z.object({ kind: z.literal('lvm'), volumeGroup: z.string(), volume }),
    z.object({
      kind: z.literal('drbd'),
      nodes: z.tuple([textOf<NodeId>(), textOf<NodeId>()]),
      port: z.number(),
      minors: z.tuple([z.number(), z.number()]),
      // Journals hold no secrets; removing a disk takes none.
      secret: z.string().transform((text) => new Secret(text)),
    }),
    z.object({ kind: z.literal('blockdev'), path }),
    z.object({ kind: z.literal('rbd'), image: z.string() }),
    z.object({ kind: z.literal('ext'), provider: z.string(), volume }),
  ]);
}
