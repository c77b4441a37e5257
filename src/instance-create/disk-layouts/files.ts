/**
 * Disks that are files: in a directory of the node, or in a volume that Gluster keeps.
 */
import { ProgrammerError } from '../../errors.js';
import type { DiskPlace, Laid } from './layout.js';
import { accessParams } from './networked.js';
import { claimed, freshName } from './names.js';

/** Where all disks lie in a Gluster volume, as in Ganeti. */
export const GLUSTER_DIRECTORY = 'ganeti';

/** A file in the instance's directory. */
export function inFile(place: DiskPlace): Laid {
  const { driver, fileStorageDir, reserve } = place.site;
  if (fileStorageDir === undefined) {
    throw new ProgrammerError('Disks in files need the directory in which they are to lie');
  }
  const path = `${fileStorageDir}/${freshName(place)}`;
  return { location: claimed({ kind: 'file', driver, path }, reserve) };
}

/** A file in the Gluster volume that the disk parameters name; its path is relative to that. */
export function inGluster({ spec, index, site }: DiskPlace): Laid {
  const path = `${GLUSTER_DIRECTORY}/${site.instanceId}.${index}`;
  const location = { kind: 'file', driver: site.driver, path } as const;
  return { location: claimed(location, site.reserve), params: accessParams(spec) };
}
