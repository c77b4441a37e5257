/**
 * A last look at an instance's disks before a guest may write to them: whatever the configuration
 * says, only regular files below this node's storage directories are given to a guest.
 */
import { lstat } from 'node:fs/promises';
import { type Disk, whereOf } from '../model/disk.js';
import type { DiskTemplate } from '../model/disk-template.js';
import { codeOf } from './paths/errno.js';
import { AllowedRoots } from './paths/roots.js';
import { inParent, requireBelow, UnsafePath } from './paths/walk.js';
import { fileOf } from './storage/file-of.js';

/** The storage directory of each template that this node has. */
export type StorageRoots = Readonly<Partial<Record<DiskTemplate, string>>>;

/** Why a disk cannot be given to a guest, naming it; `undefined` if all can. */
export async function diskFlaw(
  disks: readonly Disk[],
  roots: StorageRoots,
): Promise<string | undefined> {
  for (const disk of disks) {
    const flaw = await flawOf(disk, roots[disk.template]);
    if (flaw !== undefined) return `disk ${disk.index} ('${whereOf(disk.location)}') ${flaw}`;
  }
  return undefined;
}

async function flawOf(disk: Disk, root: string | undefined): Promise<string | undefined> {
  if (root === undefined) return `is of template '${disk.template}', which this node does not keep`;
  const file = fileOf(disk);
  if (!file.ok) return `is not accepted: ${file.message}`;
  try {
    const placed = requireBelow(new AllowedRoots([root]).place(file.payload.path));
    const found = await inParent(placed, (directory, name) => lstat(directory.at(name)));
    return found.isFile() ? undefined : 'is no regular file';
  } catch (error) {
    if (error instanceof UnsafePath) return `is not accepted: ${error.refused.reason}`;
    if (codeOf(error) === 'ENOENT') return 'is not there; restore or remove it';
    throw error;
  }
}
