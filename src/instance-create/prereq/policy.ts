/**
 * Measures the new instance against its group's policy. Pure but for the refusal.
 */
import { refuse } from '../../errors.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import { fillPolicy } from '../../model/fill.js';
import type { InstancePolicy, InstanceSpec, SpecRange } from '../../model/ipolicy.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { CreateNames, PlannedNodes, PlannedParams } from '../types.js';

/** What a policy looks at. */
export interface Measures {
  readonly template: DiskTemplate;
  readonly memoryMib: number;
  readonly vcpus: number;
  readonly spindleUse: number;
  readonly nicCount: number;
  readonly diskSizesMib: readonly number[];
}

/** Refuses what the policy forbids, naming everything that is wrong. */
export function checkPolicy(
  names: CreateNames,
  { filled }: PlannedParams,
  { primary }: PlannedNodes,
  config: ConfigReader,
): void {
  if (!names.checks.policy) return;
  const group = config.group(config.node(primary.id).groupId);
  const violations = violationsOf(fillPolicy(config.cluster, group), {
    template: names.storage.template,
    memoryMib: filled.be.maxMemMib,
    vcpus: filled.be.vcpus,
    spindleUse: filled.be.spindleUse,
    nicCount: names.nics.length,
    diskSizesMib: names.disks.map(({ sizeMib }) => sizeMib),
  });
  if (violations.length === 0) return;
  refuse.input(
    `The policy of group ${group.name} forbids this: ${violations.join('; ')}; ` +
      'change the request, or ask for ignoreIpolicy',
  );
}

/** What is wrong: the template, and what does not fit the range that fits best. */
export function violationsOf(policy: InstancePolicy, measures: Measures): readonly string[] {
  const perRange = policy.minmax.map((range) => outside(range, measures));
  const best = perRange.reduce<readonly string[] | undefined>(
    (least, list) => (least === undefined || list.length < least.length ? list : least),
    undefined,
  );
  return [...wrongTemplate(policy, measures), ...(best ?? [])];
}

/** An instance without disks counts as diskless, whatever its template. */
function wrongTemplate({ diskTemplates }: InstancePolicy, measures: Measures): readonly string[] {
  const template = measures.diskSizesMib.length === 0 ? 'diskless' : measures.template;
  if (diskTemplates.includes(template)) return [];
  return [`disk template ${template} is not among ${diskTemplates.join(', ')}`];
}

function outside({ min, max }: SpecRange, measures: Measures): readonly string[] {
  const { diskSizesMib } = measures;
  const rows: (readonly [what: string, key: keyof InstanceSpec, value: number])[] = [
    ['memory in MiB', 'memorySizeMib', measures.memoryMib],
    ['number of processors', 'cpuCount', measures.vcpus],
    ['number of network cards', 'nicCount', measures.nicCount],
    ['spindle use', 'spindleUse', measures.spindleUse],
    ...diskSizesMib.map((size, at) => [`size of disk ${at} in MiB`, 'diskSizeMib', size] as const),
  ];
  // Having no disks is a matter of the template, not of a number.
  if (diskSizesMib.length > 0) rows.push(['number of disks', 'diskCount', diskSizesMib.length]);
  return rows
    .filter(([, key, value]) => value < min[key] || value > max[key])
    .map(([what, key, value]) => `${what} is ${value}, allowed are ${min[key]} to ${max[key]}`);
}
