/**
 * Waits for what a guest says on its serial port.
 */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The guest's words once there are whole lines of them, or what there is when time is up. */
export async function greetingFrom(file: string, timeoutMs: number): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const changed = changesOf(file, timeout);
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.includes('I am ') && text.endsWith('\n')) return text.trim();
    if (timeout.aborted) return text.trim();
    await changed.next();
  }
}

/** Resolves `next` when something in the file's folder changes, or time is up. */
function changesOf(file: string, signal: AbortSignal): { next(): Promise<void> } {
  let wake = (): void => {};
  const watcher = watch(dirname(file), { signal }, () => wake());
  watcher.on('error', () => wake());
  signal.addEventListener('abort', () => wake());
  return { next: () => new Promise((resolve) => (wake = resolve)) };
}
