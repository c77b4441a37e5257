/**
 * Which disks this adapter keeps: those that lie in files. Everything else is refused in words.
 */
import type { Disk, DiskPart, FileLocation } from '../../model/disk.js';
import { placeOf } from '../../model/disk.js';
import { answered, failed, type Reply } from '../../ports/reply.js';

/** The file of a disk; a failure that says what the disk is made of instead. */
export function fileOf({ location }: Disk | DiskPart): Reply<FileLocation> {
  if (location.kind === 'file') return answered(location);
  const where = placeOf(location);
  return failed(`disk '${where}' is no file; this node keeps disks in files only`);
}
