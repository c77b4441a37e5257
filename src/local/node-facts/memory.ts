/**
 * The machine's memory. Linux says how much could be given away without swapping, caches included;
 * elsewhere only what is not used at all is known.
 */
import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';

/**
 * Memory of this machine.
 * @public
 */
export interface MachineMemory {
  /** All of it, MiB. */
  readonly totalMib: number;
  /** What could be given to new programs, MiB. */
  readonly availableMib: number;
}

const BYTES_PER_MIB = 1024 * 1024;

/** The memory of this machine, now. */
export async function machineMemory(path = '/proc/meminfo'): Promise<MachineMemory> {
  const text = await readFile(path, 'latin1').catch(() => '');
  const totalMib = field(text, 'MemTotal');
  const availableMib = field(text, 'MemAvailable');
  if (totalMib !== undefined && availableMib !== undefined) return { totalMib, availableMib };
  return { totalMib: inMib(totalmem()), availableMib: inMib(freemem()) };
}

/** The kernel writes kibibytes, and calls them kB. */
function field(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  return found === null ? undefined : Math.floor(Number(found[1]) / 1024);
}

function inMib(bytes: number): number {
  return Math.floor(bytes / BYTES_PER_MIB);
}
