/**
 * Waits for what a guest says on its serial port.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The guest's words once there are whole lines of them, or what there is when time is up. */
export async function greetingFrom(file: string, timeoutMs: number): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const changes = new Changes(dirname(file), timeout);
  try {
    for (;;) {
      const changed = changes.next();
      const text = await readFile(file, 'utf8').catch(() => '');
      const isWhole = text.includes('I am ') && text.endsWith('\n');
      if (isWhole || timeout.aborted) return text.trim();
      await changed;
    }
  } finally {
    changes.close();
  }
}

/** Changes in a folder, and the end of the time for them. */
class Changes {
  readonly #watcher: FSWatcher;
  #wake = (): void => {};

  constructor(folder: string, signal: AbortSignal) {
    const wake = (): void => this.#wake();
    this.#watcher = watch(folder, wake).on('error', wake);
    signal.addEventListener('abort', wake);
  }

  /** The next change from now on. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    this.#watcher.close();
  }
}
