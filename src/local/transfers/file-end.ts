/**
 * A file below the directory of exports as an end of a transfer.
 *
 * A file that is received is a new one: what is there is never overwritten. If it does not arrive
 * as a whole, it is gone again, and so are the directories that were made for it.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { codeOf } from '../paths/errno.js';
import type { AllowedRoots, PlacedPath } from '../paths/roots.js';
import { inParent, makeDirectory, removeDirectory, requireBelow } from '../paths/walk.js';
import { Refusal } from '../storage/attempt.js';
import { makeFile, requireFile } from '../storage/disk-file.js';
import { read, write } from './copying.js';
import type { Sink, Source } from './end.js';

/** Receives a file. */
export function fileSink(path: string, roots: AllowedRoots): Promise<Sink> {
  const placed = requireBelow(roots.place(path));
  return Promise.resolve({
    take: async (bytes, signal) => {
      const made = await makeParents(placed, roots);
      try {
        await inParent(placed, async (directory, name) => {
          const file = await makeFile(directory.at(name));
          try {
            await write(bytes, file, signal);
            await directory.sync();
          } catch (error) {
            await unlink(directory.at(name)).catch(() => undefined);
            throw error;
          } finally {
            await file.close();
          }
        });
      } catch (error) {
        for (const each of made) await removeDirectory(each).catch(() => undefined);
        throw error;
      }
    },
    close: () => Promise.resolve(),
  });
}

/** Directories that were made, innermost first. */
async function makeParents(
  { path }: PlacedPath,
  roots: AllowedRoots,
): Promise<readonly PlacedPath[]> {
  const parent = roots.place(path.slice(0, path.lastIndexOf('/')));
  if (!parent.ok || parent.segments.length === 0) return [];
  return [...(await makeDirectory(parent))].reverse();
}

/** A file that is there. */
export async function fileSource(path: string, roots: AllowedRoots): Promise<Source> {
  const file = await openExported(path, roots);
  const { size } = await file.stat();
  return {
    expectedBytes: size,
    bytes: (signal) => read(file, size, signal),
    close: () => file.close(),
  };
}

/** Opens a regular file below the directory of exports. */
export function openExported(path: string, roots: AllowedRoots): Promise<FileHandle> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  return inParent(requireBelow(roots.place(path)), async (directory, name) => {
    const file = await open(directory.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
      (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
        throw new Refusal(`there is no file '${path}'`, { cause: error });
      },
    );
    try {
      requireFile(await file.stat());
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  });
}
