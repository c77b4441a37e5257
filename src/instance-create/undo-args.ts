/**
 * Checks the arguments of undo entries. Journals are files: what is read from them is not trusted,
 * though the objects in them are checked by their outline only. Schemas are built when used first.
 */
import { z } from 'zod';
import { ConfigError } from '../errors.js';
import { HYPERVISOR_NAMES } from '../model/hypervisor.js';
import type { InstanceId, NodeId } from '../model/ids.js';
import type { Disk } from '../model/disk.js';
import type { Instance } from '../model/instance.js';
import type { UndoEntry } from '../ports/journal.js';
import type { Device, GuestOnNode, Remains, RenamedVolumes, Reserved } from './undo-entries.js';
import { fromJson } from './undo-json.js';

type Args = UndoEntry['args'];

/** What an instance has on nodes. */
export function remainsArgs(args: Args): Remains {
  return checked(z.object({ remains: remainsSchema() }), args).remains;
}

/** The reservation that an instance has replaced, if it has. */
export function reservedArgs(args: Args): Reserved | undefined {
  return checked(z.object({ reserved: reservedSchema().optional() }), args).reserved;
}

/** A guest. */
export function guestArgs(args: Args): GuestOnNode {
  return checked(z.object({ guest: guestSchema() }), args).guest;
}

/** Whose guest it is; journals of earlier versions do not say. */
export function ownerArgs(args: Args): Remains | undefined {
  return checked(z.object({ owner: remainsSchema().optional() }), args).owner;
}

/** Renamed volumes. */
export function renamedArgs(args: Args): RenamedVolumes {
  return checked(z.object({ renamed: renamedSchema() }), args).renamed;
}

/** Mirrors that were paused. */
export function syncArgs(args: Args): { node: NodeId; instance: InstanceId } {
  return checked(z.object({ node: textOf<NodeId>(), instance: textOf<InstanceId>() }), args);
}

/** An instance of the configuration. */
export function instanceArgs(args: Args): InstanceId {
  return checked(z.object({ instance: textOf<InstanceId>() }), args).instance;
}

/** How an instance was marked. */
export function markArgs(
  args: Args,
): Pick<Instance, 'adminState' | 'disksActive'> & { instance: InstanceId } {
  const adminState = z.enum(['up', 'down', 'offline']);
  const mark = { instance: textOf<InstanceId>(), adminState, disksActive: z.boolean() };
  return checked(z.object(mark), args);
}

function checked<T>(schema: z.ZodType<T>, args: Args): T {
  const parsed = schema.safeParse(fromJson(args));
  if (parsed.success) return parsed.data;
  throw new ConfigError('An undo entry has arguments that fit no action', 'corrupt', {
    cause: parsed.error,
  });
}

function remainsSchema(): z.ZodType<Remains> {
  return z.object({
    guest: guestSchema().exactOptional(),
    instance: outline<Instance>('name', 'primaryNode', 'hypervisor'),
    devices: z.array(deviceSchema()),
    directories: z.array(z.string()),
  });
}

function reservedSchema(): z.ZodType<Reserved> {
  return z.object({
    instance: outline<Instance>('name', 'primaryNode', 'hypervisor', 'diskIds', 'forthcoming'),
    disks: z.array(outline<Disk>('instanceId', 'template', 'location')),
  });
}

function deviceSchema(): z.ZodType<Device> {
  return z.object({ node: textOf<NodeId>(), disk: outline<Disk>('template', 'location') });
}

function guestSchema(): z.ZodType<GuestOnNode> {
  return z.object({
    node: textOf<NodeId>(),
    instance: textOf<InstanceId>(),
    name: z.string(),
    hypervisor: z.enum(HYPERVISOR_NAMES),
    hvParams: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  });
}

function renamedSchema(): z.ZodType<RenamedVolumes> {
  return z.object({
    node: textOf<NodeId>(),
    instance: outline<Instance>('name', 'primaryNode'),
    renames: z.array(
      z.object({ disk: outline<Disk>('template', 'location'), volumeNow: z.string() }),
    ),
  });
}

function textOf<T extends string>(): z.ZodCustom<T> {
  return z.custom<T>((value) => typeof value === 'string');
}

/** An object with an id and these fields. */
function outline<T extends { readonly id: string }>(...fields: (keyof T & string)[]): z.ZodType<T> {
  return z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      ['id', ...fields].every((field) => Object.hasOwn(value, field)),
  );
}
