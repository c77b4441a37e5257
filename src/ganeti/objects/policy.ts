/**
 * Instance policies inside of Ganeti's objects: a cluster's is whole, a group's holds what differs.
 * The allocator's protocol has a stricter form of its own.
 */
import { z } from 'zod';
import { DISK_TEMPLATES } from '../../model/disk-template.js';
import type { InstancePolicy, InstanceSpec } from '../../model/ipolicy.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import { SPEC_NAMES } from '../wire/policy.js';
import { given, mapValues, present } from './fields.js';

type SpecName = (typeof SPEC_NAMES)[keyof InstanceSpec];

const wireSpec = once(() =>
  z.object({
    'memory-size': z.number(),
    'cpu-count': z.number(),
    'disk-count': z.number(),
    'disk-size': z.number(),
    'nic-count': z.number(),
    'spindle-use': z.number(),
  } satisfies Record<SpecName, z.ZodNumber>),
);

/** A whole policy. */
export const wirePolicy = once(() =>
  z.object({
    minmax: z.array(z.object({ min: wireSpec(), max: wireSpec() })),
    std: wireSpec(),
    'disk-templates': z.array(z.enum(DISK_TEMPLATES)),
    'vcpu-ratio': z.number(),
    'spindle-ratio': z.number(),
  }),
);

/** What differs from one. */
export const wirePolicyPart = once(() => wirePolicy().partial());

type WireSpec = z.output<ReturnType<typeof wireSpec>>;

function decodeSpec(wire: WireSpec): InstanceSpec {
  return mapValues(SPEC_NAMES, (name) => wire[name]) as Record<keyof InstanceSpec, number>;
}

function encodeSpec(spec: InstanceSpec): JsonObject {
  const rows = Object.entries(SPEC_NAMES) as [keyof InstanceSpec, SpecName][];
  return Object.fromEntries(rows.map(([ours, wire]) => [wire, spec[ours]]));
}

/** A part of a policy. */
export function decodePolicyPart(
  wire: z.output<ReturnType<typeof wirePolicyPart>>,
): Partial<InstancePolicy> {
  const { minmax, std } = wire;
  return {
    ...given(
      'minmax',
      minmax?.map(({ min, max }) => ({ min: decodeSpec(min), max: decodeSpec(max) })),
    ),
    ...given('std', std === undefined ? undefined : decodeSpec(std)),
    ...given('diskTemplates', wire['disk-templates']),
    ...given('vcpuRatio', wire['vcpu-ratio']),
    ...given('spindleRatio', wire['spindle-ratio']),
  };
}

/** A policy or a part of one. */
export function encodePolicyPart(policy: Partial<InstancePolicy>): JsonObject {
  return present({
    minmax: policy.minmax?.map(({ min, max }) => ({ min: encodeSpec(min), max: encodeSpec(max) })),
    std: policy.std === undefined ? undefined : encodeSpec(policy.std),
    'disk-templates': policy.diskTemplates,
    'vcpu-ratio': policy.vcpuRatio,
    'spindle-ratio': policy.spindleRatio,
  });
}
