/**
 * Understands the disks that are asked for, and where they are to be kept.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { MAX_DISKS } from '../../model/disk.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import { toSizeMib } from '../../model/params.js';
import { layoutOf } from '../disk-layouts.js';
import type { CreateOp, DiskRequest } from '../op.js';
import type { DiskSpec, StorageSpec } from '../types.js';
import { deviceNames } from './device-names.js';

/** The kind of storage, and the directories below the cluster's own. */
export function readStorage(op: CreateOp, cluster: Cluster): StorageSpec {
  const template = readTemplate(op.diskTemplate, cluster.enabledDiskTemplates);
  layoutOf(template);
  return {
    template,
    driver: op.fileDriver ?? 'loop',
    subdirectories: readSubdirectories(op.fileStorageDir),
  };
}

/** The disks as wanted. */
export function readDisks(requests: readonly DiskRequest[]): readonly DiskSpec[] {
  if (requests.length > MAX_DISKS) {
    refuse.input(`${requests.length} disks are too many; ${MAX_DISKS} are allowed`);
  }
  const names = deviceNames(
    'disk',
    requests.map(({ name }) => name),
  );
  return requests.map(({ size, mode = 'rw' }, index) => {
    const name = names[index];
    const spec = { sizeMib: readSize(size, index), mode };
    return name === undefined ? spec : { ...spec, name };
  });
}

function readTemplate(
  wanted: DiskTemplate | undefined,
  enabled: readonly DiskTemplate[],
): DiskTemplate {
  const template = wanted ?? enabled[0];
  if (template !== undefined && enabled.includes(template)) return template;
  return refuse.state(
    `Disk template '${template ?? ''}' is not enabled; choose one of: ${enabled.join(', ')}`,
  );
}

function readSize(size: number | string, index: number): number {
  const sizeMib = toSizeMib(size);
  if (sizeMib !== undefined && sizeMib > 0) return sizeMib;
  return refuse.input(
    `Disk ${index}: '${size}' is no size; give MiB above 0, or text such as 512m, 10g or 1.5T`,
  );
}

function readSubdirectories(path: string | undefined): readonly string[] {
  if (path === undefined) return [];
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    refuse.input(
      `'${path}' is no directory below the cluster's own; give it without '..' and leading '/'`,
    );
  }
  return parts;
}
