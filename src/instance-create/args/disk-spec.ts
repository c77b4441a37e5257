/**
 * What one requested disk is: its size as a number, its mode, its place. Pure but for refusals.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import type { DiskMode } from '../../model/disk.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { DiskSpec } from '../wishes.js';
import type { GivenDisk } from './disk-params.js';

const MODES: readonly DiskMode[] = ['rw', 'ro'];

/** A disk that was asked for, understood; the first mistake found is reported. */
export function readDiskSpec(
  given: GivenDisk,
  index: number,
  template: DiskTemplate,
  cluster: Pick<Cluster, 'volumeGroup'>,
): DiskSpec {
  const mode = readMode(given.mode, index);
  const sizeMib = readSize(given, index);
  checkProvider(given, index, template);
  const { hasAccess, hasProvider } = DISK_TEMPLATE_FACTS[template];
  const { adopt, access, provider, providerParams } = given;
  return withoutGaps<DiskSpec>({
    sizeMib,
    mode,
    name: given.name?.toLowerCase() === 'none' ? undefined : (given.name ?? undefined),
    adopt,
    volumeGroup: given.vg ?? cluster.volumeGroup,
    metaVolumeGroup: given.metavg,
    spindles: given.spindles === undefined ? undefined : Number(given.spindles),
    access: hasAccess ? access : undefined,
    provider: hasProvider ? provider : undefined,
    providerParams: hasProvider ? providerParams : undefined,
  });
}

function readMode(mode: string = 'rw', index: number): DiskMode {
  const known = MODES.find((candidate) => candidate === mode);
  return known ?? refuse.input(`Disk ${index}: '${mode}' is no mode; give ${MODES.join(' or ')}`);
}

/** A disk that is taken over has the size that it has. */
function readSize({ size, adopt }: GivenDisk, index: number): number {
  if (size === undefined) return refuse.input(`Disk ${index} has no size; give MiB`);
  const isWhole = typeof size === 'number' || /^\s*[+-]?\d+\s*$/.test(size);
  const sizeMib = isWhole ? Math.trunc(Number(size)) : Number.NaN;
  if (Number.isSafeInteger(sizeMib) && (sizeMib > 0 || adopt !== undefined)) return sizeMib;
  return refuse.input(`Disk ${index}: '${size}' is no size here; give a number of MiB above 0`);
}

function checkProvider({ provider }: GivenDisk, index: number, template: DiskTemplate): void {
  const { hasProvider } = DISK_TEMPLATE_FACTS[template];
  if (hasProvider && provider === undefined) {
    refuse.input(`Disk ${index} of '${template}' needs a provider; name one`);
  }
  if (!hasProvider && provider !== undefined) {
    refuse.input(`Disk ${index}: disks of '${template}' have no provider; leave it out`);
  }
}

type Gappy<T> = { readonly [K in keyof T]: T[K] | undefined };

function withoutGaps<T extends object>(values: Gappy<T>): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
