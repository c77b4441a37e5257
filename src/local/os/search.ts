/**
 * Finding OS definitions: the first directory of the search path that has one of the name wins,
 * even if it turns out to be unusable.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../paths/errno.js';
import { type OsVerdict, readOsDefinition } from './definition.js';
import { isOsName } from './name.js';

/**
 * Where Ganeti looks for OS definitions (its `OS_SEARCH_PATH`).
 * @public
 */
export const OS_SEARCH_PATH: readonly string[] = [
  '/srv/ganeti/os',
  '/usr/local/lib/ganeti/os',
  '/usr/lib/ganeti/os',
  '/usr/share/ganeti/os',
];

/** What lies in one directory of the search path. */
export interface FoundOs {
  readonly name: string;
  readonly path: string;
  readonly verdict: OsVerdict;
}

/** The definition of that name; `undefined` if no directory of the search path has one. */
export async function findDefinition(
  searchPath: readonly string[],
  name: string,
): Promise<OsVerdict | undefined> {
  if (!isOsName(name)) return undefined;
  for (const base of searchPath) {
    const path = join(base, name);
    if (await isDirectory(path)) return readOsDefinition(path);
  }
  return undefined;
}

/** Everything in the search path that could be meant as a definition, in the order of search. */
export async function listDefinitions(searchPath: readonly string[]): Promise<FoundOs[]> {
  const found: FoundOs[] = [];
  for (const base of searchPath) {
    for (const name of (await namesIn(base)).sort()) {
      const path = join(base, name);
      if (name.startsWith('.') || !(await isDirectory(path))) continue;
      found.push({ name, path, verdict: await judge(name, path) });
    }
  }
  return found;
}

async function judge(name: string, path: string): Promise<OsVerdict> {
  if (isOsName(name)) return readOsDefinition(path);
  const rule = 'only letters, digits, _ and - may be in the name of a definition';
  return { ok: false, problem: `'${path}' cannot be asked for: ${rule}` };
}

async function namesIn(base: string): Promise<string[]> {
  return readdir(base).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
