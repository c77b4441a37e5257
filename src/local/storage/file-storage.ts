/**
 * Disks as files below directories that the administrator listed. Implements the storage commands
 * of the node port for the templates `file` and `sharedfile`.
 *
 * S1 nothing that exists already is changed by making a disk; S2 a call that fails leaves no new
 * file or directory; S3 no link is followed below a root, and what is no regular file is never
 * written to or removed; S4 removing what is not there succeeds, so undo can be repeated.
 *
 * Differs from Ganeti on purpose: Ganeti 3.0 accepts a disk larger than the file system, checks
 * no path when making directories, and leaves a truncated file behind when wiping is cut off.
 */
import { type FileHandle, lstat, unlink } from 'node:fs/promises';
import { type Disk, type DiskPart, whereOf } from '../../model/disk.js';
import type { Clock } from '../../ports/clock.js';
import type { CallOptions } from '../../ports/call.js';
import type { Reply } from '../../ports/reply.js';
import { inParent, makeDirectory, removeDirectory, requireBelow } from '../paths/walk.js';
import type { CallLimit } from '../process/limit.js';
import { ALLOCATE, type Allocation } from './allocate.js';
import { attempt, missingIsFine } from './attempt.js';
import {
  bytesOf,
  makeFile,
  openFile,
  requireFile,
  requireSpace,
  stretchOf,
  type WipeRequest,
} from './disk-file.js';
import { copyImage, openImage } from './copy-image.js';
import { copyDisk, removePart } from './disk-copy.js';
import { DiskPlaces } from './disk-places.js';
import { wholePercent } from './progress.js';
import { ZeroWriter } from './zeros.js';

/**
 * Where disk files may lie and how they are made.
 * @public
 */
export interface FileStorageOptions {
  /** The directory for each template's files; a template without one is not supported. */
  readonly roots: { readonly file?: string; readonly sharedfile?: string };
  /** Whether a new disk takes its space at once (`full`) or when written (`sparse`, default). */
  readonly allocation?: Allocation;
  /** For time limits. */
  readonly clock: Clock;
}

/**
 * Disks of the templates `file` and `sharedfile`.
 * @public
 */
export class FileStorage {
  readonly #places: DiskPlaces;
  readonly #allocation: Allocation;
  readonly #clock: Clock;
  readonly #zeros = new ZeroWriter();

  /** Throws `PrereqError` `wrong_input` for a root that cannot be one. */
  constructor({ roots, allocation = 'sparse', clock }: FileStorageOptions) {
    this.#places = new DiskPlaces(roots);
    this.#allocation = allocation;
    this.#clock = clock;
  }

  /**
   * Makes a directory, and those on the way to it, with mode 0700. One that exists is fine; answers
   * with the others, outermost first.
   */
  createStorageDir(
    request: { readonly path: string },
    call: CallOptions = {},
  ): Promise<Reply<readonly string[]>> {
    const doing = `Storage directory ${JSON.stringify(request.path)} cannot be made`;
    return this.#attempt(doing, call, async () => {
      const made = await makeDirectory(requireBelow(this.#places.roots.place(request.path)));
      return made.map(({ path }) => path);
    });
  }

  /** Removes a directory that is empty. A missing one is fine. */
  removeStorageDir(
    request: { readonly path: string },
    call: CallOptions = {},
  ): Promise<Reply<void>> {
    const doing = `Storage directory ${JSON.stringify(request.path)} cannot be removed`;
    const placed = this.#places.roots.place(request.path);
    return this.#attempt(doing, call, () =>
      missingIsFine(async () => removeDirectory(requireBelow(placed))),
    );
  }

  /** Makes a disk's file with mode 0600. An existing one fails the call and is not touched. */
  createDisk(
    request: { readonly disk: Disk | DiskPart },
    call: CallOptions = {},
  ): Promise<Reply<void>> {
    const { disk } = request;
    return this.#attempt(`Disk ${nameOf(disk)} cannot be made`, call, (limit) =>
      inParent(this.#places.of(disk), async (directory, name) => {
        await requireSpace(directory, disk);
        const file = await makeFile(directory.at(name));
        try {
          await this.#allocate(file, disk, limit, call);
          await directory.sync();
        } catch (error) {
          await unlink(directory.at(name)).catch(() => undefined);
          throw error;
        } finally {
          await file.close();
        }
      }),
    );
  }

  /** Overwrites a disk, or a stretch of it, with zeros, reporting progress. Can be repeated. */
  wipeDisk(request: WipeRequest, call: CallOptions = {}): Promise<Reply<void>> {
    const { disk } = request;
    return this.#attempt(`Disk ${nameOf(disk)} cannot be wiped`, call, (limit) =>
      inParent(this.#places.of(disk), async (directory, name) => {
        const stretch = stretchOf(request);
        const file = await openFile(directory.at(name));
        try {
          await this.#zeros.fill(file, stretch, limit, wholePercent(call.onProgress));
        } finally {
          await file.close();
        }
      }),
    );
  }

  /** Writes an image of this machine to a disk, reporting progress. Can be repeated. */
  imageDisk(
    request: { readonly disk: Disk; readonly image: string },
    call: CallOptions = {},
  ): Promise<Reply<void>> {
    const { disk } = request;
    return this.#attempt(`Image cannot be written to disk ${nameOf(disk)}`, call, (limit) =>
      inParent(this.#places.of(disk), async (directory, name) => {
        const image = await openImage(request.image);
        try {
          const file = await openFile(directory.at(name));
          const target = { file, bytes: bytesOf(disk) };
          try {
            await copyImage(image, target, limit, wholePercent(call.onProgress));
          } finally {
            await file.close();
          }
        } finally {
          await image.close();
        }
      }),
    );
  }

  /**
   * Copies a disk's file to the place of another disk, reporting progress; an older copy there is
   * replaced once the new one is whole. Nobody may write to the disk meanwhile.
   */
  snapshotDisk(
    { disk, snapshot }: { readonly disk: Disk; readonly snapshot: Disk },
    call: CallOptions = {},
  ): Promise<Reply<void>> {
    return this.#attempt(`Disk ${nameOf(disk)} cannot be copied`, call, (limit) => {
      const [from, to] = [this.#places.of(disk), this.#places.of(snapshot)];
      const tools = { limit, onProgress: wholePercent(call.onProgress) };
      return copyDisk({ from, bytes: bytesOf(disk), to }, tools);
    });
  }

  /** The paths of disks' files, which are all there; they are used as they are. */
  findDisks(disks: readonly Disk[], call: CallOptions = {}): Promise<Reply<readonly string[]>> {
    return this.#attempt('Disks cannot be used', call, async () => {
      const found = disks.map(async (disk) => {
        const placed = this.#places.of(disk);
        await inParent(placed, async (directory, name) => {
          requireFile(await lstat(directory.at(name)));
        });
        return placed.path;
      });
      return Promise.all(found);
    });
  }

  /** Removes a disk's file. A missing one is fine; a link or anything but a file is refused. */
  removeDisk(
    request: { readonly disk: Disk | DiskPart },
    call: CallOptions = {},
  ): Promise<Reply<void>> {
    const { disk } = request;
    return this.#attempt(`Disk ${nameOf(disk)} cannot be removed`, call, () =>
      missingIsFine(() =>
        inParent(this.#places.of(disk), async (directory, name) => {
          if ('temporary' in disk && disk.temporary) await removePart(directory, name);
          requireFile(await lstat(directory.at(name)));
          await unlink(directory.at(name));
          await directory.sync();
        }),
      ),
    );
  }

  async #allocate(
    file: FileHandle,
    disk: Disk | DiskPart,
    limit: CallLimit,
    { onProgress }: CallOptions,
  ): Promise<void> {
    const tools = { clock: this.#clock, zeros: this.#zeros, limit };
    const progress = wholePercent(onProgress);
    await ALLOCATE[this.#allocation](file, bytesOf(disk), { ...tools, onProgress: progress });
    limit.check();
  }

  #attempt<T>(
    doing: string,
    call: CallOptions,
    work: (limit: CallLimit) => Promise<T>,
  ): Promise<Reply<T>> {
    return attempt(doing, { ...call, clock: this.#clock }, work);
  }
}

function nameOf(disk: Disk | DiskPart): string {
  const path = JSON.stringify(whereOf(disk.location));
  return 'index' in disk ? `${disk.index} (${path})` : path;
}
