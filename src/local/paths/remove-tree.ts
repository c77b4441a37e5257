/**
 * Removing a directory with all that is in it. Links in it go; where they lead, nothing happens:
 * each step is taken from a directory that is held open (see `walk.ts`).
 */
import { lstat, readdir, unlink } from 'node:fs/promises';
import type { PlacedPath } from './roots.js';
import { inDirectory, inParent, removeDirectory } from './walk.js';

/** Throws `UnsafePath`, or what the system says: `ENOENT` if there is no such directory. */
export async function removeTree(placed: PlacedPath): Promise<void> {
  const entries = await inDirectory(placed, (directory) => readdir(directory.at('.')));
  for (const entry of entries) await removeEntry(below(placed, entry));
  await removeDirectory(placed);
}

/** The place of something in a directory. */
function below(placed: PlacedPath, name: string): PlacedPath {
  return { ...placed, path: `${placed.path}/${name}`, segments: [...placed.segments, name] };
}

async function removeEntry(placed: PlacedPath): Promise<void> {
  const isTree = await inParent(placed, async (directory, name) => {
    if ((await lstat(directory.at(name))).isDirectory()) return true;
    await unlink(directory.at(name));
    return false;
  });
  if (isTree) await removeTree(placed);
}
