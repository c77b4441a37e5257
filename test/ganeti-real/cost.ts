/**
 * What a creation costs the process that leads when the nodes are real: its own CPU, theirs left out.
 * Measured for the test that asserts it, and for `npm run bench`.
 */
import type { CreateOp } from '../../src/index.js';
import { nameOf, type Site } from './site.js';

/** The creations that are measured. */
export const KINDS = ['diskless', 'file'] as const;

/** One of them. */
export type Kind = (typeof KINDS)[number];

/**
 * CPU milliseconds of a real Ganeti 3.0.2 master for one creation, on the same kind of machine with
 * one node and an empty configuration: job and configuration daemon, median of seven. Its node
 * daemon and its client are left out.
 */
export const GANETI_MS: Readonly<Record<Kind, number>> = {
  diskless: 1_050 + 100,
  file: 1_650 + 120,
};

/** Before that many creations the compiler has not settled. */
const WARM_UPS = 3;

const COUNT = 20;

const WISHES: Readonly<Record<Kind, Partial<CreateOp>>> = {
  diskless: { diskTemplate: 'diskless', disks: [], start: false },
  file: { disks: [{ size: '16M' }] },
};

/** CPU milliseconds of this process for one creation. All instances are removed again. */
export async function costOf(kind: Kind, site: Site): Promise<number> {
  await cpuPerCreation(kind, WARM_UPS, site);
  return cpuPerCreation(kind, COUNT, site);
}

async function cpuPerCreation(kind: Kind, count: number, site: Site): Promise<number> {
  const names = Array.from({ length: count }, (_, index) => `cost${index}.example.com`);
  const before = process.cpuUsage();
  for (const [index, instanceName] of names.entries()) {
    await site.create({ ...WISHES[kind], instanceName, pnode: nameOf((index % 3) + 1) });
  }
  const { user, system } = process.cpuUsage(before);
  await Promise.all(names.map((name) => site.remove(name)));
  return (user + system) / 1e3 / count;
}
