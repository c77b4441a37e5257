/**
 * Instance policies as Ganeti writes them, both ways. The allocator `hail` wants exactly these keys
 * and refuses any other.
 */
import { z } from 'zod';
import { refuse } from '../../errors.js';
import { DISK_TEMPLATES } from '../../model/disk-template.js';
import type { InstancePolicy, InstanceSpec } from '../../model/ipolicy.js';
import { checked, once } from './check.js';
import { type JsonObject, refuseTraps } from './json.js';

/** Names of a size's dimensions in Ganeti. */
export const SPEC_NAMES = {
  memorySizeMib: 'memory-size',
  cpuCount: 'cpu-count',
  diskCount: 'disk-count',
  diskSizeMib: 'disk-size',
  nicCount: 'nic-count',
  spindleUse: 'spindle-use',
} as const satisfies Record<keyof InstanceSpec, string>;

const count = (): z.ZodInt => z.int().min(0);

const specCodec = once(() =>
  z.codec(
    z.strictObject({
      'memory-size': count(),
      'cpu-count': count(),
      'disk-count': count(),
      'disk-size': count(),
      'nic-count': count(),
      'spindle-use': count(),
    }),
    z.custom<InstanceSpec>(),
    {
      decode: (wire) => ({
        memorySizeMib: wire[SPEC_NAMES.memorySizeMib],
        cpuCount: wire[SPEC_NAMES.cpuCount],
        diskCount: wire[SPEC_NAMES.diskCount],
        diskSizeMib: wire[SPEC_NAMES.diskSizeMib],
        nicCount: wire[SPEC_NAMES.nicCount],
        spindleUse: wire[SPEC_NAMES.spindleUse],
      }),
      encode: (spec) => ({
        [SPEC_NAMES.memorySizeMib]: spec.memorySizeMib,
        [SPEC_NAMES.cpuCount]: spec.cpuCount,
        [SPEC_NAMES.diskCount]: spec.diskCount,
        [SPEC_NAMES.diskSizeMib]: spec.diskSizeMib,
        [SPEC_NAMES.nicCount]: spec.nicCount,
        [SPEC_NAMES.spindleUse]: spec.spindleUse,
      }),
    },
  ),
);

const policyCodec = once(() =>
  z.codec(
    z.strictObject({
      minmax: z.array(z.strictObject({ min: specCodec(), max: specCodec() })),
      std: specCodec(),
      'disk-templates': z.array(z.enum(DISK_TEMPLATES)),
      'vcpu-ratio': z.number().positive(),
      'spindle-ratio': z.number().positive(),
    }),
    z.custom<InstancePolicy>(),
    {
      decode: ({
        'disk-templates': diskTemplates,
        'vcpu-ratio': vcpuRatio,
        'spindle-ratio': spindleRatio,
        ...same
      }) => ({ ...same, diskTemplates, vcpuRatio, spindleRatio }),
      encode: ({ minmax, std, diskTemplates, vcpuRatio, spindleRatio }) => ({
        minmax: [...minmax],
        std,
        'disk-templates': [...diskTemplates],
        'vcpu-ratio': vcpuRatio,
        'spindle-ratio': spindleRatio,
      }),
    },
  ),
);

/**
 * A whole policy out of Ganeti's form (`ipolicy` of a cluster or of an allocator's request). Sizes
 * are MiB on both sides. Throws `PrereqError` `wrong_input` with path and rule.
 * @public
 */
export function decodePolicy(data: unknown): InstancePolicy {
  refuseTraps(data, 'The instance policy');
  return checked(policyCodec(), data, 'The instance policy', refuse.input);
}

/**
 * A policy in Ganeti's form.
 * @public
 */
export function encodePolicy(policy: InstancePolicy): JsonObject {
  return z.encode(policyCodec(), policy);
}
