/**
 * Instance policies. The recorded texts are for humans: what counts is how many there are.
 */
import {
  type Bounds,
  outOfRange,
  violationsOf,
} from '../../../src/instance-create/prereq/policy.js';
import type { DiskTemplate } from '../../../src/model/disk-template.js';
import type { InstanceSpec } from '../../../src/model/ipolicy.js';
import type { FunctionTable } from './types.js';

const KEYS: Readonly<Record<string, keyof InstanceSpec>> = {
  'memory-size': 'memorySizeMib',
  'cpu-count': 'cpuCount',
  'disk-count': 'diskCount',
  'disk-size': 'diskSizeMib',
  'nic-count': 'nicCount',
  'spindle-use': 'spindleUse',
};

type WireSpec = Readonly<Record<string, number>>;

interface WireBounds {
  readonly min?: WireSpec;
  readonly max?: WireSpec;
}

interface WirePolicy {
  readonly minmax: readonly WireBounds[];
  readonly 'disk-templates'?: readonly DiskTemplate[];
}

/** The functions. */
export const TABLE: FunctionTable = {
  ComputeMinMaxSpec: (args) => {
    const name = args.get<string>('name');
    const key = KEYS[name];
    if (key === undefined) throw new Error(`there is no measure ${name}`);
    // What is left to the cluster is not measured.
    const value = args.maybe<number | 'auto'>('value');
    const measured = value === 'auto' ? undefined : value;
    return outOfRange([name, key, measured], boundsOf(args.get('ispecs')));
  },
  ComputeIPolicySpecViolation: (args) =>
    violationsOf(policyOf(args.get('ipolicy')), {
      templates: args.get('disk_types'),
      diskSizesMib: args.get('disk_sizes'),
      ...given('memoryMib', args.maybe<number>('mem_size')),
      ...given('vcpus', args.maybe<number>('cpu_count')),
      ...given('spindleUse', args.maybe<number>('spindle_use')),
      ...given('nicCount', args.maybe<number>('nic_count')),
    }),
  ComputeIPolicyDiskSizesViolation: (args) => {
    const policy = policyOf(args.get('ipolicy'));
    const disks = args.get<readonly unknown[]>('disks');
    const templates = disks.map(() => policy.diskTemplates[0] ?? 'plain');
    return violationsOf(policy, { templates, diskSizesMib: args.get('disk_sizes') });
  },
};

function policyOf({ minmax, 'disk-templates': diskTemplates = [] }: WirePolicy): {
  readonly minmax: readonly Bounds[];
  readonly diskTemplates: readonly DiskTemplate[];
} {
  return { minmax: minmax.map(boundsOf), diskTemplates };
}

function boundsOf({ min = {}, max = {} }: WireBounds): Bounds {
  return { min: specOf(min), max: specOf(max) };
}

function specOf(wire: WireSpec): Partial<InstanceSpec> {
  const entries = Object.entries(wire).map(([name, value]) => [KEYS[name] ?? name, value]);
  return Object.fromEntries(entries) as Partial<InstanceSpec>;
}

function given<K extends string>(
  key: K,
  value: number | undefined,
): { readonly [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: number });
}
