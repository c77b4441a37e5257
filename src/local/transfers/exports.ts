/**
 * The exports that a node holds: directories with a description, `config.ini`, and a file for each
 * disk. What is being received has no description yet, but a name of its own.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { partialExportName } from '../../ports/exports.js';
import { codeOf } from '../paths/errno.js';
import type { AllowedRoots } from '../paths/roots.js';
import { Refusal } from '../storage/attempt.js';
import { openExported } from './file-end.js';

/** The file with the description. */
export const DESCRIPTION = 'config.ini';
/** Largest description that is read. */
const LARGEST_BYTES = 1024 * 1024;

/** Names of the exports, sorted. A directory of exports that is not there holds none. */
export async function listExports({ roots }: AllowedRoots): Promise<readonly string[]> {
  const names = await Promise.all(roots.map(namesIn));
  return names.flat().sort();
}

/** The description of an export, as text. Throws `Refusal` or `UnsafePath`. */
export async function exportInfo(path: string, roots: AllowedRoots): Promise<string> {
  const file = await openExported(`${path}/${DESCRIPTION}`, roots);
  try {
    const { size } = await file.stat();
    if (size > LARGEST_BYTES) {
      throw new Refusal(`its ${DESCRIPTION} has ${size} bytes; at most ${LARGEST_BYTES} are read`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const found = entries.map(async (entry) => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    if (entry.name.endsWith(partialExportName(''))) return [entry.name];
    const path = join(directory, entry.name, DESCRIPTION);
    const isExport = await lstat(path).then(
      (description) => description.isFile(),
      () => false,
    );
    return isExport ? [entry.name] : [];
  });
  return (await Promise.all(found)).flat();
}
