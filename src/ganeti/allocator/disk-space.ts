/**
 * How much space an instance's disks take in an allocator's eyes.
 */
import type { DiskTemplate } from '../../model/disk-template.js';

/** Metadata beside each mirrored disk, MiB (Ganeti's `DRBD_META_SIZE`). */
const DRBD_META_MIB = 128;

/** Space that a disk takes on top of its size, MiB; absent: disks of the template take none. */
const OVERHEAD_MIB: Readonly<Partial<Record<DiskTemplate, number>>> = {
  drbd: DRBD_META_MIB,
  ext: 0,
  file: 0,
  gluster: 0,
  plain: 0,
  rbd: 0,
  sharedfile: 0,
};

/** Space of all disks together, MiB (`disk_space_total`). */
export function diskSpaceMib(
  template: DiskTemplate,
  disks: readonly { readonly sizeMib: number }[],
): number {
  const overhead = OVERHEAD_MIB[template];
  if (overhead === undefined) return 0;
  return disks.reduce((sum, { sizeMib }) => sum + sizeMib + overhead, 0);
}
