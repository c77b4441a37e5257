/**
 * What becomes of received contents: they get a description and the instance's name, or go.
 *
 * F1 an export has the instance's name once all contents and the description are there, on the
 *    disk;
 * F2 an older export of that name stays until then. A directory cannot take another one's place in
 *    one step, so for a moment the older one has a hidden name; whenever the process dies, one of
 *    the two is whole. `removeExport` of what was received, which is what recovery does, gives the
 *    older one its name back, or removes it if the new one is there.
 */
import { lstat, rename, unlink } from 'node:fs/promises';
import type { Secret } from '../../model/secret.js';
import { partialExportName } from '../../ports/exports.js';
import { codeOf } from '../paths/errno.js';
import { removeTree } from '../paths/remove-tree.js';
import { type AllowedRoots, isPlainName, type PlacedPath } from '../paths/roots.js';
import { inDirectory, inParent, type OpenDirectory, requireBelow } from '../paths/walk.js';
import { missingIsFine, Refusal } from '../storage/attempt.js';
import { makeFile, requireFile } from '../storage/disk-file.js';
import { DESCRIPTION } from './exports.js';

/** What was received. */
export interface Received {
  readonly instanceName: string;
  /** Files with contents, by name. */
  readonly dumps: readonly string[];
  readonly description: Secret<string> | undefined;
}

/** Makes it an export. `check` throws if it shall not be done any more. */
export async function finishExport(
  { instanceName, dumps, description }: Received,
  roots: AllowedRoots,
  check: () => void,
): Promise<void> {
  const names = namesOf(instanceName);
  const received = placeOf(names.received, roots);
  if (description === undefined) {
    throw new Refusal('this node writes no description; give Site.exportWriter');
  }
  await settle(names, roots);
  await inDirectory(received, async (directory) => {
    for (const dump of dumps) await requireDump(directory, dump);
    await writeDescription(directory, description.reveal());
  }).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new Refusal(`nothing was received in '${received.path}'`, { cause: error });
  });
  check();
  await inParent(received, (directory) => exchange(names, directory));
  await missingIsFine(() => removeTree(placeOf(names.old, roots)));
}

/** Removes an export, whole or not; a missing one is fine. */
export async function removeExport(name: string, roots: AllowedRoots): Promise<void> {
  const { whole } = namesOf(name);
  const suffix = partialExportName('');
  if (name.endsWith(suffix)) await settle(namesOf(name.slice(0, -suffix.length)), roots);
  await settle(namesOf(whole), roots);
  await missingIsFine(async () => {
    const place = placeOf(whole, roots);
    // Without it, it is no export any more, whatever happens next.
    await inDirectory(place, (directory) => missingIsFine(() => unlink(directory.at(DESCRIPTION))));
    await removeTree(place);
  });
}

/** The directories of an instance's export, all of them beside one another. */
interface Names {
  readonly whole: string;
  readonly received: string;
  /** Where an older one is while a new one takes its place: hidden, so that nobody lists it. */
  readonly old: string;
}

/** Throws `Refusal` for what is no name of an export. */
function namesOf(whole: string): Names {
  if (!isPlainName(whole)) throw new Refusal(`${JSON.stringify(whole)} cannot be an export's name`);
  return { whole, received: partialExportName(whole), old: `.${whole}.old` };
}

function placeOf(name: string, roots: AllowedRoots): PlacedPath {
  return requireBelow(roots.place(`${roots.roots[0]}/${name}`));
}

/** Ends an exchange in which a process has died; see F2. */
async function settle({ whole, old }: Names, roots: AllowedRoots): Promise<void> {
  const place = placeOf(old, roots);
  const isNeedless = await inParent(place, async (directory) => {
    if (!(await isDirectory(directory, old))) return false;
    if (await isDirectory(directory, whole)) return true;
    await rename(directory.at(old), directory.at(whole));
    await directory.sync();
    return false;
  });
  if (isNeedless) await removeTree(place);
}

/** What is no directory is nobody's export: it is not touched. */
async function isDirectory(directory: OpenDirectory, name: string): Promise<boolean> {
  const found = await lstat(directory.at(name)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isDirectory() === false) {
    throw new Refusal(`'${name}' is no directory, and was not touched; remove it`);
  }
  return found !== undefined;
}

/** Gives what was received the instance's name, and an older export of that name a hidden one. */
async function exchange({ whole, received, old }: Names, directory: OpenDirectory): Promise<void> {
  const isReplaced = await isDirectory(directory, whole);
  if (isReplaced) await rename(directory.at(whole), directory.at(old));
  try {
    await rename(directory.at(received), directory.at(whole));
  } catch (error) {
    if (isReplaced) await rename(directory.at(old), directory.at(whole));
    throw error;
  }
  await directory.sync();
}

async function requireDump(directory: OpenDirectory, name: string): Promise<void> {
  if (!isPlainName(name)) throw new Refusal(`${JSON.stringify(name)} cannot be a dump's name`);
  const found = await lstat(directory.at(name)).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new Refusal(`the contents '${name}' were not received`);
  });
  requireFile(found);
}

async function writeDescription(directory: OpenDirectory, text: string): Promise<void> {
  const path = directory.at(DESCRIPTION);
  await missingIsFine(() => unlink(path));
  const file = await makeFile(path);
  try {
    await file.writeFile(text);
    await file.sync();
    await directory.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}
