/**
 * The logs of OS scripts. They are the operator's, so removing an instance leaves them; this
 * example leaves nothing.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the logs of an instance; resolves to how many there were. */
export async function removeLogs(dir: string, instanceName: string): Promise<number> {
  const isIts = (file: string): boolean =>
    file.replace(/(-disk\d+)?-\d{4}-.*$/, '').endsWith(`-${instanceName}`);
  const files = (await readdir(dir)).filter(isIts);
  await Promise.all(files.map((file) => rm(join(dir, file), { force: true })));
  return files.length;
}
