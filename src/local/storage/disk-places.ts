/**
 * Where disks' files may lie: below the directory of their template, and nowhere else.
 */
import type { Disk, DiskPart } from '../../model/disk.js';
import { AllowedRoots, type PlacedPath } from '../paths/roots.js';
import { requireBelow } from '../paths/walk.js';
import { Refusal } from './attempt.js';
import { fileOf } from './file-of.js';

/** The directory for each template's files; a template without one is not supported. */
export type DiskRoots = Readonly<Partial<Record<'file' | 'sharedfile', string>>>;

/** The directories of a node. */
export class DiskPlaces {
  /** All directories together. */
  readonly roots: AllowedRoots;
  readonly #byTemplate: ReadonlyMap<string, AllowedRoots>;

  /** Throws `PrereqError` `wrong_input` for a directory that cannot be one. */
  constructor(roots: DiskRoots) {
    const given = Object.entries(roots).flatMap(([template, root]) =>
      root === undefined ? [] : [[template, root] as const],
    );
    this.#byTemplate = new Map(given.map(([name, root]) => [name, new AllowedRoots([root])]));
    this.roots = new AllowedRoots(given.map(([, root]) => root));
  }

  /** The place of a disk's file. Throws `Refusal` or `UnsafePath`. */
  of(disk: Disk | DiskPart): PlacedPath {
    const roots = this.#byTemplate.get(disk.template);
    if (roots === undefined) {
      throw new Refusal(`this node keeps no disks of template '${disk.template}'`);
    }
    if (!Number.isSafeInteger(disk.sizeMib) || disk.sizeMib <= 0) {
      throw new Refusal(`its size has to be a whole number of MiB above 0, not ${disk.sizeMib}`);
    }
    const file = fileOf(disk);
    if (!file.ok) throw new Refusal(file.message);
    return requireBelow(roots.place(file.payload.path));
  }
}
