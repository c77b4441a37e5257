/**
 * The checks on disks that need their nodes: spindles, room or adoption, access. In Ganeti's order,
 * since the first mistake is the one that is told.
 */
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import type { NodeId } from '../../model/ids.js';
import {
  directoriesBelow,
  fileRoot,
  type FileRoots,
  fileStorageDir,
} from '../args/file-storage-dir.js';
import { GLUSTER_DIRECTORY } from '../disk-layouts/files.js';
import type { CreateNames, PlannedNodes, Wanted } from '../types.js';
import type { DiskSpec } from '../wishes.js';
import { checkAccess } from './access.js';
import { adoptDevices, adoptVolumes } from './adoption.js';
import { checkFileSpace, checkSpace, type StorageContext } from './space.js';
import { checkSpindles, hasExclusiveStorage } from './spindles.js';

/** Rooms of what can be taken over. */
const ADOPTION = { volumes: adoptVolumes, devices: adoptDevices } as const;

/** Disks whose nodes are known. */
export interface PlacedDisks {
  readonly wanted: Pick<Wanted, 'storage' | 'adopts' | 'hypervisor'>;
  readonly disks: readonly DiskSpec[];
  readonly nodes: PlannedNodes;
}

/** Disks as they can be had. */
export interface PlannedStorage {
  /** With the sizes of what is taken over. */
  readonly disks: readonly DiskSpec[];
  /** Nodes on which no two disks may share a spindle. */
  readonly exclusiveStorage: readonly NodeId[];
}

/** There is room for the disks, or they are there and are claimed. */
export async function planStorage(
  placed: PlacedDisks,
  ctx: StorageContext,
): Promise<PlannedStorage> {
  const { wanted, nodes } = placed;
  const { template } = wanted.storage;
  const { config } = ctx;
  const ids = [nodes.primary, ...nodes.secondaries].map(({ id }) => id);
  const exclusiveStorage = ids.filter((id) => hasExclusiveStorage(id, config));
  checkSpindles(placed.disks, template, exclusiveStorage.length > 0);
  const disks = await haveDisks(placed, ctx);
  const group = config.group(config.node(nodes.primary.id).groupId);
  checkAccess(disks, template, wanted.hypervisor, { cluster: config.cluster, group });
  return { disks, exclusiveStorage };
}

/**
 * The directories of the instance's disk files, innermost first, without the cluster's own. Refuses
 * what would lie elsewhere, or where the cluster has no place for it.
 */
export function storageDirsOf(
  { storage, host }: Pick<CreateNames, 'storage' | 'host'>,
  cluster: FileRoots,
): readonly string[] {
  const { template, subdirectory } = storage;
  const root = fileRoot(template, cluster);
  const directory = fileStorageDir(template, host.name, subdirectory, cluster);
  if (root === undefined || directory === undefined) return [];
  if (!DISK_TEMPLATE_FACTS[template].ownDirectory) return [GLUSTER_DIRECTORY];
  return directoriesBelow(root, directory);
}

async function haveDisks(placed: PlacedDisks, ctx: StorageContext): Promise<readonly DiskSpec[]> {
  const { wanted, disks, nodes } = placed;
  const { template } = wanted.storage;
  const { adopts } = DISK_TEMPLATE_FACTS[template];
  if (wanted.adopts && adopts !== undefined) return ADOPTION[adopts](disks, nodes.primary, ctx);
  const made = { template, specs: disks, nodes };
  await checkSpace(made, ctx);
  const { compatibility, config } = ctx;
  const root = compatibility.checkFileSpace ? fileRoot(template, config.cluster) : undefined;
  if (root !== undefined) await checkFileSpace(made, root, ctx);
  return disks;
}
