/**
 * Where the disks of an instance lie, by kind of storage. A template that has no row here is not
 * supported; nothing else knows which ones are.
 */
import { refuse } from '../errors.js';
import type { Cluster } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../model/disk-template.js';
import type { DiskId, InstanceId } from '../model/ids.js';
import type { Reservations } from '../ports/config-store.js';
import type { StorageUnit } from '../ports/node-rpc.js';
import type { DiskSpec, StorageSpec } from './types.js';

/** Whose disks are laid out. */
export interface DiskSite {
  readonly instanceName: string;
  readonly instanceId: InstanceId;
  readonly storage: StorageSpec;
  readonly cluster: Cluster;
  /** Ids and places are claimed here. */
  readonly reserve: Pick<Reservations, 'drawId' | 'volume'>;
}

/** The disks that are to be made. */
export interface LaidOut {
  readonly disks: readonly Disk[];
  /** The directories in which they will lie, innermost first; what is missing is made first. */
  readonly storageDirs: readonly string[];
  /** Where their space comes from. */
  readonly space?: StorageUnit;
}

/** A way of laying out disks. */
export type DiskLayout = (specs: readonly DiskSpec[], site: DiskSite) => LaidOut;

const LAYOUTS: Readonly<Partial<Record<DiskTemplate, DiskLayout>>> = {
  diskless: () => ({ disks: [], storageDirs: [] }),
  file: (specs, site) => inFiles('file', specs, site),
  sharedfile: (specs, site) => inFiles('sharedfile', specs, site),
};

/** The layout of a template; refuses one that is not supported. */
export function layoutOf(template: DiskTemplate): DiskLayout {
  return (
    LAYOUTS[template] ??
    refuse.input(
      `Disk template '${template}' is not supported yet; use ${Object.keys(LAYOUTS).join(', ')}`,
    )
  );
}

function inFiles(
  template: 'file' | 'sharedfile',
  specs: readonly DiskSpec[],
  site: DiskSite,
): LaidOut {
  const root = rootOf(template, site.cluster);
  const below = [...site.storage.subdirectories, site.instanceName];
  const storageDir = [root, ...below].join('/');
  const disks = specs.map((spec, index) => {
    // The file's name has an id of its own, as in Ganeti: it does not change with the disk object.
    const path = `${storageDir}/${site.reserve.drawId()}.${template}.disk${index}`;
    site.reserve.volume(`file:${path}`);
    const { driver } = site.storage;
    return diskOf(template, spec, index, { kind: 'file', driver, path }, site);
  });
  const space: StorageUnit = { kind: template, key: root };
  if (specs.length === 0) return { disks, storageDirs: [] };
  const storageDirs = below.map((_, up) => [root, ...below.slice(0, below.length - up)].join('/'));
  return { disks, storageDirs, space };
}

function diskOf(
  template: DiskTemplate,
  spec: DiskSpec,
  index: number,
  location: Disk['location'],
  site: DiskSite,
): Disk {
  return {
    id: site.reserve.drawId() as DiskId,
    instanceId: site.instanceId,
    index,
    template,
    ...spec,
    location,
    params: {},
    nodes: [],
    tags: [],
    serial: 0,
    createdAtMs: 0,
    modifiedAtMs: 0,
  };
}

function rootOf(template: DiskTemplate, cluster: Cluster): string {
  const setting = DISK_TEMPLATE_FACTS[template].root;
  const root = setting === undefined ? undefined : cluster[setting];
  if (root !== undefined) return root.replace(/\/+$/, '');
  return refuse.state(
    `The cluster has no directory for '${template}' disks; set its ${setting ?? 'directory'}`,
  );
}
