/**
 * Reaching a place below a root without being led elsewhere. Node has no `openat`, but Linux lets
 * a directory that is open be named as `/proc/self/fd/N`, which amounts to the same: each step
 * is taken from a directory that is held open, never by looking at a path twice.
 *
 * W1 below the root no symbolic link is followed, whoever swaps it in at whatever moment;
 * W2 every directory that was opened is closed, whatever happens.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink, rmdir } from 'node:fs/promises';
import { codeOf } from './errno.js';
import { isSystemPath, type PlacedPath, type RefusedPath } from './roots.js';

/** The file system leads elsewhere than the path says, or to something unusable. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath';
  /** The path, its root, and why it was not used. */
  readonly refused: RefusedPath;

  constructor(refused: RefusedPath) {
    super(`${JSON.stringify(refused.path)} is not accepted: ${refused.reason}`);
    this.refused = refused;
  }
}

/** A directory that is held open. */
export interface OpenDirectory {
  /** A path by which the system finds `name` in this very directory. */
  at(name: string): string;
  /** Makes additions and removals of names durable. */
  sync(): Promise<void>;
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** Throws {@link UnsafePath} unless the path was accepted and is not the root itself. */
export function requireBelow(verdict: PlacedPath | RefusedPath): PlacedPath {
  if (!verdict.ok) throw new UnsafePath(verdict);
  if (verdict.segments.length > 0) return verdict;
  const { path, root, kind } = verdict;
  throw new UnsafePath({ ok: false, path, root, reason: `it is the ${kind} itself` });
}

/**
 * Calls `use` with the directory that holds the path's last segment, and with that segment.
 * Throws {@link UnsafePath}, or the system's error (`ENOENT` if a directory on the way is missing).
 */
export async function inParent<T>(
  placed: PlacedPath,
  use: (directory: OpenDirectory, name: string) => Promise<T>,
): Promise<T> {
  const name = placed.segments.at(-1) ?? '';
  const handle = await descend(placed, placed.segments.slice(0, -1), step);
  return closing(handle, () => use(view(handle), name));
}

/** Calls `use` with the directory itself. Throws as {@link inParent} does. */
export async function inDirectory<T>(
  placed: PlacedPath,
  use: (directory: OpenDirectory) => Promise<T>,
): Promise<T> {
  const handle = await descend(placed, placed.segments, step);
  return closing(handle, () => use(view(handle)));
}

/**
 * Makes the directory and those on the way to it, each readable by its owner only. Gives those that
 * it made, outermost first. If it fails they are gone again, unless somebody uses them already.
 */
export async function makeDirectory(placed: PlacedPath): Promise<readonly PlacedPath[]> {
  const made: PlacedPath[] = [];
  let depth = 0;
  try {
    const handle = await descend(placed, placed.segments, async (parent, segment) => {
      depth += 1;
      if (await isMade(view(parent).at(segment))) {
        made.push(upTo(placed, depth));
        await parent.sync();
      }
      return step(parent, segment);
    });
    await handle.close();
    return made;
  } catch (error) {
    for (const each of made.reverse()) await removeDirectory(each).catch(() => undefined);
    throw error;
  }
}

/** Removes a directory that is empty. */
export function removeDirectory(placed: PlacedPath): Promise<void> {
  return inParent(placed, async (directory, name) => {
    // A read-only file system refuses to remove even what is not there.
    await lstat(directory.at(name));
    await rmdir(directory.at(name));
    await directory.sync();
  });
}

/** False if something was there already. */
function isMade(path: string): Promise<boolean> {
  return mkdir(path, 0o700).then(
    () => true,
    (error: unknown) => (codeOf(error) === 'EEXIST' ? false : Promise.reject(asError(error))),
  );
}

/** The directory `depth` steps below the root, on the way to a path. */
function upTo(placed: PlacedPath, depth: number): PlacedPath {
  const segments = placed.segments.slice(0, depth);
  return { ...placed, segments, path: [placed.root, ...segments].join('/') };
}

/** Opens the root, then segment after segment; at any moment one directory is open, or two. */
async function descend(
  placed: PlacedPath,
  segments: readonly string[],
  next: (parent: FileHandle, segment: string) => Promise<FileHandle>,
): Promise<FileHandle> {
  let current = await openRoot(placed);
  for (const segment of segments) {
    const parent = current;
    current = await closing(parent, async () => {
      try {
        return await next(parent, segment);
      } catch (error) {
        throw await explained(error, placed, parent, segment);
      }
    });
  }
  return current;
}

function step(parent: FileHandle, segment: string): Promise<FileHandle> {
  return open(view(parent).at(segment), DIRECTORY | constants.O_NOFOLLOW);
}

/** The root may be reached through links: it is the administrator's own word. */
async function openRoot({ path, root, kind }: PlacedPath): Promise<FileHandle> {
  const refused = (reason: string): UnsafePath => new UnsafePath({ ok: false, path, root, reason });
  if (process.platform !== 'linux') throw refused('files as disks need Linux');
  const handle = await open(root, DIRECTORY).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ENOENT') throw refused(`${kind} '${root}' does not exist; make it`);
    if (code === 'ENOTDIR') throw refused(`${kind} '${root}' is not a directory`);
    throw asError(error);
  });
  const real = await readlink(`/proc/self/fd/${handle.fd}`);
  if (!isSystemPath(real)) return handle;
  await handle.close();
  throw refused(`${kind} '${root}' leads to '${real}', which belongs to the system`);
}

/** A link where a directory should be is told from a file there, for the message only. */
async function explained(
  error: unknown,
  { path, root }: PlacedPath,
  parent: FileHandle,
  segment: string,
): Promise<Error> {
  const code = codeOf(error);
  if (code !== 'ELOOP' && code !== 'ENOTDIR') return asError(error);
  const found = await lstat(view(parent).at(segment)).catch(() => undefined);
  const kind = found?.isSymbolicLink() === true ? 'a symbolic link' : 'no directory';
  return new UnsafePath({ ok: false, path, root, reason: `'${segment}' in it is ${kind}` });
}

function view(handle: FileHandle): OpenDirectory {
  return {
    at: (name) => `/proc/self/fd/${handle.fd}/${name}`,
    sync: () => handle.sync(),
  };
}

async function closing<T>(handle: FileHandle, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    await handle.close();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
