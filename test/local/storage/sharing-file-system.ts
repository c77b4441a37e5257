/**
 * A file system whose files can share blocks (XFS), in a file of its own for as long as one test
 * lasts. Where none can be made, tests that need one are skipped, and the reason is printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** XFS does not want less. */
const SIZE_BYTES = 320 * 1024 * 1024;

/** Why this machine has none; `undefined` if it has. */
export const cannotShare: string | undefined = reasonNotToShare();

if (cannotShare !== undefined) {
  process.stdout.write(`skipped: tests with a file system that shares blocks (${cannotShare})\n`);
}

/** An empty one, gone after the test. */
export function sharingFileSystem(): string {
  const made = make();
  if (typeof made === 'string') throw new Error(made);
  onTestFinished(made.remove);
  return made.directory;
}

function reasonNotToShare(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const made = make();
  if (typeof made === 'string') return made;
  made.remove();
  return undefined;
}

function make(): { readonly directory: string; readonly remove: () => void } | string {
  const base = mkdtempSync(join(tmpdir(), 'lu-xfs-'));
  const [image, directory] = [join(base, 'image'), base];
  writeFileSync(image, '');
  truncateSync(image, SIZE_BYTES);
  const flaw =
    done('mkfs.xfs', ['-q', '-m', 'reflink=1', image]) ??
    done('mount', ['-t', 'xfs', '-o', 'loop', image, directory]);
  const remove = (): void => {
    if (flaw === undefined) spawnSync('umount', [directory]);
    rmSync(base, { recursive: true });
  };
  if (flaw === undefined) return { directory, remove };
  remove();
  return flaw;
}

/** Why a program has failed. */
function done(program: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) return `${program}: ${error.message}`;
  return status === 0 ? undefined : `${program} says: ${stderr.trim()}`;
}
