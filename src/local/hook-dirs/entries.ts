/**
 * What lies in a hook directory, by the rules of run-parts: which names count, which of them can
 * run, and in which order.
 */
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../paths/errno.js';

/** One name in a hook directory. */
export interface HookEntry {
  /** The name, without directory. */
  readonly script: string;
  /** The whole path. */
  readonly path: string;
  /** False: it is only reported. */
  readonly runs: boolean;
}

/** Names that run. A dot keeps backup copies and package managers' leftovers out. */
const RUNS = /^[a-zA-Z0-9_-]+$/;

/**
 * The visible names of a directory, by character code. A directory that is missing has none.
 */
export async function hookEntries(directory: string): Promise<HookEntry[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const visible = names.filter((name) => !name.startsWith('.')).sort();
  return Promise.all(
    visible.map(async (script) => {
      const path = join(directory, script);
      return { script, path, runs: RUNS.test(script) && (await isRunnable(path)) };
    }),
  );
}

/** A regular file, or a link to one, which we may execute. */
async function isRunnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
