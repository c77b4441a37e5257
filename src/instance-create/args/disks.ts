/**
 * Understands the disks that are asked for. Two steps, since an import may bring disks along: what
 * can be said of the request alone, before any lock; and what the disks are, under locks.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { MAX_DISKS } from '../../model/disk.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { CreateOp, DiskRequest } from '../op.js';
import type { DiskSpec, StorageSpec } from '../wishes.js';
import { deviceNames } from './device-names.js';
import { type GivenDisk, withTypes } from './disk-params.js';
import { readDiskSpec } from './disk-spec.js';
import { checkSubdirectory } from './file-storage-dir.js';

/** What the request says of disks, as far as that needs no lock. */
export interface ReadDisks {
  /** Where and how they are kept. */
  readonly storage: StorageSpec;
  /** The disks, with values of the right types; {@link computeDisks} tells what they mean. */
  readonly disks: readonly GivenDisk[];
  /** Whether they exist already and are taken over. */
  readonly adopts: boolean;
}

/** The parts of a request that concern disks. */
export type DiskArguments = Pick<
  CreateOp,
  'diskTemplate' | 'fileDriver' | 'fileStorageDir' | 'iallocator'
> & {
  readonly disks: readonly GivenDisk[];
  /** Whether the source needs new disks to fill; false if not given. */
  readonly fillsDisks?: boolean;
};

/** Checks names, template, types and adoption, in this order, as Ganeti does. */
export function readDisks(op: DiskArguments, cluster: Cluster): ReadDisks {
  checkNames(op.disks);
  const template = readTemplate(op.diskTemplate, cluster.enabledDiskTemplates);
  const { hasProvider } = DISK_TEMPLATE_FACTS[template];
  // A provider's parameters are its own, and so are their types.
  const disks = hasProvider ? op.disks : op.disks.map(withTypes);
  const adopts = readAdoption(op, disks, template);
  return { storage: readStorage(op, template), disks, adopts };
}

/**
 * What the disks are. Called under locks, as in Ganeti: a mistake in here counts as one of the
 * disks as a whole, wherever they come from.
 */
export function computeDisks(
  given: readonly GivenDisk[],
  template: DiskTemplate,
  cluster: Pick<Cluster, 'volumeGroup'>,
): readonly DiskSpec[] {
  const specs = given.map((disk, index) => readDiskSpec(disk, index, template, cluster));
  if (specs.length <= MAX_DISKS) return specs;
  return refuse.input(`${specs.length} disks are too many; ${MAX_DISKS} are allowed`);
}

function checkNames(disks: readonly Pick<DiskRequest, 'name'>[]): void {
  deviceNames(
    'disk',
    disks.map(({ name }) => name),
  );
}

function readTemplate(
  wanted: DiskTemplate | undefined,
  enabled: readonly DiskTemplate[],
): DiskTemplate {
  const about = 'unclassified';
  const template = wanted ?? enabled[0];
  if (template === undefined) {
    return refuse.state('The cluster enables no disk template; enable one', { about });
  }
  if (enabled.includes(template)) return template;
  return refuse.state(
    `Disk template '${template}' is not enabled; choose one of: ${enabled.join(', ')}`,
    { about },
  );
}

function readStorage(op: DiskArguments, template: DiskTemplate): StorageSpec {
  const subdirectory = op.fileStorageDir;
  const { fileBased } = DISK_TEMPLATE_FACTS[template];
  if (fileBased && subdirectory !== undefined) checkSubdirectory(subdirectory);
  return {
    template,
    driver: op.fileDriver ?? 'loop',
    ...(subdirectory === undefined ? {} : { subdirectory }),
  };
}

function readAdoption(
  op: DiskArguments,
  disks: readonly GivenDisk[],
  template: DiskTemplate,
): boolean {
  const { adopts, mustAdopt } = DISK_TEMPLATE_FACTS[template];
  const adopting = disks.filter(({ adopt }) => adopt !== undefined);
  if (adopting.length === 0) {
    if (!mustAdopt) return false;
    refuse.input(`Disks of '${template}' exist before; name each of them by 'adopt'`);
  }
  if (adopting.length < disks.length) {
    refuse.input("Some disks have 'adopt', others not; give it for all of them or for none");
  }
  if (adopts === undefined) {
    refuse.input(`Disks of '${template}' cannot be taken over; leave 'adopt' out`);
  }
  if (op.iallocator !== undefined) {
    refuse.input("Disks with 'adopt' lie on a node already; give it as pnode, not an iallocator");
  }
  if (op.fillsDisks === true) {
    refuse.input("An import fills new disks; leave 'adopt' out, or leave the import out");
  }
  return true;
}
