/**
 * A disk as it is, as an end of a transfer: contents that are shorter leave the rest as it was.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Disk } from '../../model/disk.js';
import { inParent } from '../paths/walk.js';
import { Refusal } from '../storage/attempt.js';
import { bytesOf, openFile } from '../storage/disk-file.js';
import type { DiskPlaces } from '../storage/disk-places.js';
import { read, write } from './copying.js';
import type { Sink, Source } from './end.js';

const MIB = 1024 * 1024;

/** Writes to a disk; refuses what is larger than it, and what is smaller than `leastMib`. */
export async function diskSink(
  disk: Disk,
  leastMib: number | undefined,
  places: DiskPlaces,
): Promise<Sink> {
  const file = await openDisk(disk, places);
  return {
    ...(leastMib === undefined ? {} : { expectedBytes: leastMib * MIB }),
    take: async (bytes, signal) => {
      const count = await write(bytes, file, signal, bytesOf(disk));
      if (leastMib === undefined || count >= leastMib * MIB) return;
      const wanted = `${leastMib * MIB} bytes (${leastMib} MiB)`;
      throw new Refusal(`the contents end after ${count} bytes, and have to be ${wanted}`);
    },
    close: () => file.close(),
  };
}

/** The whole of a disk. */
export async function diskSource(disk: Disk, places: DiskPlaces): Promise<Source> {
  const file = await openDisk(disk, places);
  const size = bytesOf(disk);
  return {
    expectedBytes: size,
    bytes: (signal) => read(file, size, signal),
    close: () => file.close(),
  };
}

/** Opens a disk's file, which has to be a regular one where disks may lie. */
export function openDisk(disk: Disk, places: DiskPlaces): Promise<FileHandle> {
  return inParent(places.of(disk), (directory, name) => openFile(directory.at(name)));
}
