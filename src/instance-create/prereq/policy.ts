/**
 * Measures the new instance against its group's policy. Pure but for the refusal.
 *
 * P1 An instance fits a policy if its disks' templates are admitted and it fits one of the ranges.
 *    What is told is what does not fit the range that fits best.
 * P2 What was not measured fits.
 */
import { refuse } from '../../errors.js';
import type { BeParams } from '../../model/be-params.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import { fillPolicy } from '../../model/fill.js';
import type { NodeId } from '../../model/ids.js';
import type { InstancePolicy, InstanceSpec } from '../../model/ipolicy.js';
import type { ConfigReader } from '../../ports/config-store.js';

/** What a policy looks at. */
export interface Measures {
  /** Kinds of storage of the disks. */
  readonly templates: readonly DiskTemplate[];
  readonly memoryMib?: number;
  readonly vcpus?: number;
  readonly spindleUse?: number;
  readonly nicCount?: number;
  readonly diskSizesMib: readonly number[];
}

/** Bounds, of which some may be missing. */
export interface Bounds {
  readonly min: Partial<InstanceSpec>;
  readonly max: Partial<InstanceSpec>;
}

/** What of a policy is looked at. */
export type PolicyRules = Pick<InstancePolicy, 'diskTemplates'> & {
  readonly minmax: readonly Bounds[];
};

/** What of a new instance is measured. */
export interface MeasuredInstance {
  readonly template: DiskTemplate;
  readonly beParams: BeParams;
  readonly nicCount: number;
  /** The disks as asked for, also those of a diskless instance. */
  readonly disks: readonly { readonly sizeMib: number }[];
}

/** Refuses what the policy of the primary node's group forbids, naming everything that is wrong. */
export function checkPolicy(
  instance: MeasuredInstance,
  primary: NodeId,
  config: ConfigReader,
): void {
  const group = config.group(config.node(primary).groupId);
  const violations = violationsOf(fillPolicy(config.cluster, group), measuresOf(instance));
  if (violations.length === 0) return;
  refuse.input(
    `The policy of group ${group.name} forbids this: ${violations.join('; ')}; ` +
      'change the request, or ask for ignoreIpolicy',
  );
}

/** The measures of a new instance. */
export function measuresOf({ template, beParams, nicCount, disks }: MeasuredInstance): Measures {
  return {
    templates: disks.map(() => template),
    memoryMib: beParams.maxMemMib,
    vcpus: beParams.vcpus,
    spindleUse: beParams.spindleUse,
    nicCount,
    diskSizesMib: disks.map(({ sizeMib }) => sizeMib),
  };
}

/** What is wrong: templates, and what does not fit the range that fits best. */
export function violationsOf(policy: PolicyRules, measures: Measures): readonly string[] {
  const perRange = policy.minmax.map((range) => outside(range, measures));
  const best = perRange.reduce<readonly string[] | undefined>(
    (least, list) => (least === undefined || list.length < least.length ? list : least),
    undefined,
  );
  return [...wrongTemplates(policy, measures), ...(best ?? [])];
}

/** An instance without disks counts as diskless, whatever its template. */
function wrongTemplates({ diskTemplates }: PolicyRules, measures: Measures): readonly string[] {
  const templates = measures.diskSizesMib.length === 0 ? ['diskless'] : measures.templates;
  const admitted: readonly string[] = diskTemplates;
  return [...new Set(templates)]
    .filter((template) => !admitted.includes(template))
    .map((template) => `disk template ${template} is not among ${diskTemplates.join(', ')}`);
}

type Row = readonly [what: string, key: keyof InstanceSpec, value: number | undefined];

function outside(range: Bounds, measures: Measures): readonly string[] {
  const { diskSizesMib } = measures;
  const rows: Row[] = [
    ['memory in MiB', 'memorySizeMib', measures.memoryMib],
    ['number of processors', 'cpuCount', measures.vcpus],
    ['number of network cards', 'nicCount', measures.nicCount],
    ['spindle use', 'spindleUse', measures.spindleUse],
    ...diskSizesMib.map((size, at) => [`size of disk ${at} in MiB`, 'diskSizeMib', size] as const),
  ];
  // Having no disks is a matter of the template, not of a number.
  if (diskSizesMib.length > 0) rows.push(['number of disks', 'diskCount', diskSizesMib.length]);
  return rows.flatMap((row) => outOfRange(row, range) ?? []);
}

/** What is wrong with one measure. Where a bound is missing, the value itself stands for it. */
export function outOfRange([what, key, value]: Row, { min, max }: Bounds): string | undefined {
  if (value === undefined) return undefined;
  const [least, most] = [min[key] ?? value, max[key] ?? value];
  if (least <= value && value <= most) return undefined;
  return `${what} is ${value}, allowed are ${least} to ${most}`;
}
