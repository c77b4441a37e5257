/**
 * Logs of OS scripts: one new file per run, named after what was run for whom and when.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlainName } from '../paths/roots.js';

/** What a log is about. */
export interface ScriptRun {
  /** What is done. */
  readonly action: 'add' | 'rename' | 'import' | 'export';
  /** The OS as it was asked for, with variant. */
  readonly os: string;
  /** The instance. */
  readonly instance: string;
  /** The part of it, if it is about one: `disk0`. */
  readonly component?: string;
  /** When, milliseconds since 1970. */
  readonly atMs: number;
}

/**
 * The path of a log that does not exist yet, its directory made if it is missing. `undefined` if
 * no file can have such a name. Two runs of one second get different names.
 */
export async function scriptLogPath(
  directory: string,
  run: ScriptRun,
  isFree: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  const base = scriptLogName(run);
  if (!isPlainName(`${base}-999.log`)) return undefined;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (let count = 1; count < 1000; count += 1) {
    const path = join(directory, count === 1 ? `${base}.log` : `${base}-${count}.log`);
    if (await isFree(path)) return path;
  }
  return undefined;
}

/** The name without its ending. Times are UTC. */
export function scriptLogName({ action, os, instance, component, atMs }: ScriptRun): string {
  const time = new Date(atMs).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '_');
  return [action, os, instance, ...(component === undefined ? [] : [component]), time].join('-');
}
