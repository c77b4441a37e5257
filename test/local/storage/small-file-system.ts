/**
 * File systems of their own for tests: only root may mount, so without it these tests are skipped,
 * and the reason is printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchDirectory } from '../process/scratch.js';

/** Why this machine cannot mount; `undefined` if it can. */
export const cannotMount: string | undefined = reasonNotToMount();

if (cannotMount !== undefined) {
  process.stdout.write(`skipped: tests with a full file system (${cannotMount})\n`);
}

/** An empty file system, gone after the test. */
export async function fileSystem(kind: 'tmpfs' | 'ramfs', options: string): Promise<string> {
  const directory = await scratchDirectory();
  const { status, stderr } = mount(kind, options, directory);
  if (status !== 0) throw new Error(`mount failed: ${stderr}`);
  onTestFinished(() => void spawnSync('umount', ['--lazy', directory]));
  return directory;
}

/** Changes the options of a mounted file system. */
export function remount(directory: string, options: string): void {
  const { status, stderr } = mount('tmpfs', `remount,${options}`, directory);
  if (status !== 0) throw new Error(`remount failed: ${stderr}`);
}

function mount(
  kind: string,
  options: string,
  directory: string,
): { status: number | null; stderr: string } {
  return spawnSync('mount', ['-t', kind, '-o', options, 'none', directory], { encoding: 'utf8' });
}

function reasonNotToMount(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const directory = mkdtempSync(join(tmpdir(), 'lu-mount-'));
  const { status, stderr } = mount('tmpfs', 'size=1m', directory);
  if (status === 0) spawnSync('umount', [directory]);
  rmSync(directory, { recursive: true });
  return status === 0 ? undefined : `mount says: ${stderr.trim()}`;
}
