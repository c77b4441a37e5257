/**
 * Directories, scripts and questions about processes, for tests that meet the real machine.
 */
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory that is gone after the test. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lu-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** An executable file. */
export async function script(path: string, body: string, first = '#!/bin/sh'): Promise<string> {
  await writeFile(path, first === '' ? body : `${first}\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Waits, without sleeping, until a file has a line; resolves with its text. */
export async function lineIn(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text.trim();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** True if a process is there and no zombie. */
export function lives(pid: string | number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** What this process has open, but for what watching itself opens. */
export async function openDescriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}
