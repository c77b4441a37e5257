/**
 * What the schemas of stored objects have in common: stamps, ids, parameters, policies.
 */
import { z } from 'zod';
import { DISK_TEMPLATES } from '../model/disk-template.js';
import { HYPERVISOR_NAMES } from '../model/hypervisor.js';
import { NIC_MODES } from '../model/nic.js';
import { Secret } from '../model/secret.js';

/** Makes something when it is first asked for, and keeps it. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The shape with all fields optional: absent, but never `undefined`. */
export function optional<S extends z.ZodRawShape>(
  shape: S,
): { [K in keyof S]: z.ZodExactOptional<S[K]> } {
  const fields = Object.entries(shape).map(([name, type]) => [name, z.exactOptional(type)]);
  return Object.fromEntries(fields) as { [K in keyof S]: z.ZodExactOptional<S[K]> };
}

/** A branded id. */
export function id<Id extends string>(): z.ZodType<Id, Id> {
  return z.custom<Id>((value) => typeof value === 'string' && value !== '', 'expected an id');
}

/** What every object has. */
export const stored = once(() => ({
  serial: z.int(),
  createdAtMs: z.number(),
  modifiedAtMs: z.number(),
  tags: z.array(z.string()),
}));

/** Public OS parameters by name. */
export const osParams = once(() => z.record(z.string(), z.json()));

/** Secret text; plain in the store, which is protected as a whole. */
export const secret = once(() => z.string().transform((text) => new Secret(text)));

/** Secret text by name. */
export const secrets = once(() => z.record(z.string(), secret()));

/** Parameters by name. */
export const params = once(() =>
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
);

/** Parameters for some hypervisors. */
export const byHypervisor = once(() => some(HYPERVISOR_NAMES, params()));

/** Parameters for some disk templates. */
export const byTemplate = once(() => some(DISK_TEMPLATES, params()));

function some<Name extends string, T extends z.ZodType>(
  names: readonly Name[],
  type: T,
): z.ZodObject<{ [N in Name]: z.ZodExactOptional<T> }, z.core.$strict> {
  const shape = Object.fromEntries(names.map((name) => [name, type])) as { [N in Name]: T };
  return z.strictObject(optional(shape));
}

/** Backend parameters. */
export const beParams = once(() =>
  z.strictObject({
    maxMemMib: z.number(),
    minMemMib: z.number(),
    vcpus: z.number(),
    spindleUse: z.number(),
    autoBalance: z.boolean(),
    alwaysFailover: z.boolean(),
  }),
);

/** Parameters of network cards. */
export const nicParams = once(() =>
  z.strictObject({ mode: z.enum(NIC_MODES), link: z.string(), vlan: z.string() }),
);

const instanceSpec = once(() =>
  z.strictObject({
    memorySizeMib: z.number(),
    cpuCount: z.number(),
    diskCount: z.number(),
    diskSizeMib: z.number(),
    nicCount: z.number(),
    spindleUse: z.number(),
  }),
);

/** An instance policy. */
export const policy = once(() =>
  z.strictObject({
    minmax: z.array(z.strictObject({ min: instanceSpec(), max: instanceSpec() })),
    std: instanceSpec(),
    diskTemplates: z.array(z.enum(DISK_TEMPLATES)),
    vcpuRatio: z.number(),
    spindleRatio: z.number(),
  }),
);
