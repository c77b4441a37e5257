/**
 * Directories for stores, gone after the test.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A fresh path below the system's directory for such things; nothing is there yet. */
export function tempPath(): string {
  const root = mkdtempSync(join(tmpdir(), 'lu-lmdb-'));
  roots.push(root);
  return join(root, 'cluster.d');
}

const roots: string[] = [];

afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});
