/**
 * A storage with a root of its own, and disks in it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStorage, type FileStorageOptions } from '../../../src/local/storage/file-storage.js';
import type { Disk } from '../../../src/model/disk.js';
import type { DiskId, InstanceId } from '../../../src/model/ids.js';
import type { Reply } from '../../../src/ports/reply.js';
import { HandClock } from '../process/hand-clock.js';
import { scratchDirectory } from '../process/scratch.js';

export const MIB = 1024 * 1024;

export interface Store {
  readonly clock: HandClock;
  readonly root: string;
  readonly storage: FileStorage;
  /** A disk below the root. */
  disk(path: string, sizeMib: number, changes?: Partial<Disk>): Disk;
}

export async function store(
  options: Partial<FileStorageOptions> = {},
  directory?: string,
): Promise<Store> {
  const root = join(directory ?? (await scratchDirectory()), 'disks');
  await mkdir(root, { recursive: true });
  const clock = new HandClock();
  const storage = new FileStorage({ roots: { file: root }, clock, ...options });
  return { clock, root, storage, disk: (path, ...rest) => diskAt(join(root, path), ...rest) };
}

export function diskAt(path: string, sizeMib: number, changes: Partial<Disk> = {}): Disk {
  return {
    id: '279ab460-6b79-48ba-bff5-e41303d325a2' as DiskId,
    instanceId: '35770f7e-106a-460e-9944-ca832c51e6b5' as InstanceId,
    index: 0,
    template: 'file',
    sizeMib,
    mode: 'rw',
    location: { kind: 'file', driver: 'loop', path },
    params: {},
    nodes: [],
    serial: 1,
    createdAtMs: 0,
    modifiedAtMs: 0,
    tags: [],
    ...changes,
  };
}

/** The reason of a failure; the text `ok` if there is none. */
export function reasonOf(reply: Reply<unknown>): string {
  return reply.ok ? 'ok' : `${reply.failure}: ${reply.message}`;
}
