/**
 * A driver with a real QEMU in directories of its own, for as long as one test lasts. Always the
 * translator: the processor's own support is not the same everywhere.
 */
import { mkdtempSync, readFileSync, watch } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'vitest';
import { findQemu } from '../../../src/local/qemu/program.js';
import { QemuHypervisor, type QemuOptions } from '../../../src/local/qemu/qemu-hypervisor.js';
import { systemClock } from '../../../src/local/system-clock.js';
import type { Params } from '../../../src/model/params.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import { diskAt, runtimeOf } from '../hypervisors/runtime.js';
import { bootSector, type BootSectorOptions } from './boot-sector.js';

export const QEMU = await findQemu();
if (QEMU === undefined) {
  process.stdout.write(
    'SKIPPED: tests with a real guest, as qemu-system-x86_64 is not installed\n',
  );
}

/** Runs only where QEMU is installed; otherwise the run says that it was skipped. */
export const withQemu: ReturnType<typeof test.skipIf> = test.skipIf(QEMU === undefined);

export interface Lab {
  readonly dir: string;
  readonly runDir: string;
  readonly qemu: QemuHypervisor;
  /** An instance whose disk holds the boot sector. */
  guest(options?: Partial<BootSectorOptions> & { name?: string }): Promise<RuntimeInstance>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function openLab(options: Partial<QemuOptions> = {}): Lab {
  // The system's directory for such files may be deep; sockets want short paths.
  const dir = mkdtempSync(join(tmpdir(), 'lu-qemu-'));
  const runDir = join(dir, 'run');
  const qemu = new QemuHypervisor({
    runDir,
    clock: systemClock(),
    accelerators: ['tcg'],
    network: 'none',
    ...options,
  });
  return {
    dir,
    runDir,
    qemu,
    guest: async ({ name = 'web1.example.com', greeting = `I am ${name}\r\n`, ...rest } = {}) => {
      const path = join(dir, `${name}, disk=0.img`);
      await writeFile(path, Buffer.concat([bootSector({ greeting, ...rest })], 1024 * 1024));
      return runtimeOf({ name, disks: [diskAt(path)] });
    },
    [Symbol.asyncDispose]: async () => {
      const running = await qemu.list();
      for (const name of running.ok ? running.payload : []) await stopHard(qemu, name);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Stopping a guest needs none. */
export const NO_PARAMS: Params = {};

export async function stopHard(qemu: QemuHypervisor, name: string): Promise<void> {
  const reply = await qemu.stop({ name, hvParams: NO_PARAMS, graceMs: 0 }, call());
  if (!reply.ok) throw new Error(reply.message);
}

export function call(signal: AbortSignal = new AbortController().signal): {
  readonly signal: AbortSignal;
} {
  return { signal };
}

/** Resolves when the file holds the text. The test's own time limit is the only one. */
export async function contains(path: string, text: string): Promise<void> {
  const holds = (): boolean => readFileSync(path, 'latin1').includes(text);
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(dirname(path), (_event, file) => {
      if (file !== basename(path) || !holds()) return;
      watcher.close();
      resolve();
    });
    watcher.on('error', reject);
    if (!holds()) return;
    watcher.close();
    resolve();
  });
}
