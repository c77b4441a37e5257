/**
 * What a creation costs this process when the nodes are real: its own CPU, theirs left out. The
 * figure is printed; docs/performance.md holds it against a real Ganeti master's.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateOp } from '../../src/index.js';
import { Bed } from './bed.js';
import { nameOf, Site } from './site.js';

/**
 * CPU milliseconds of a real Ganeti 3.0.2 master for one creation, on the same kind of machine with
 * one node and an empty configuration: job and configuration daemon, median of seven. Its node
 * daemon and its client are left out.
 */
const GANETI_MS = { diskless: 1_050 + 100, file: 1_650 + 120 } as const;

const COUNT = 20;

let bed: Bed;
let site: Site;

beforeAll(async () => {
  bed = await Bed.start();
  site = await Site.open(bed);
});

afterAll(async () => {
  await site.close();
  await bed.stop();
});

const WISHES: Readonly<Record<keyof typeof GANETI_MS, Partial<CreateOp>>> = {
  diskless: { diskTemplate: 'diskless', disks: [], start: false },
  file: { disks: [{ size: '16M' }] },
};

async function cpuPerCreation(wish: Partial<CreateOp>, count: number): Promise<number> {
  const names = Array.from({ length: count }, (_, index) => `cost${index}.example.com`);
  const before = process.cpuUsage();
  for (const [index, instanceName] of names.entries()) {
    await site.create({ ...wish, instanceName, pnode: nameOf((index % 3) + 1) });
  }
  const { user, system } = process.cpuUsage(before);
  for (const name of names) await site.remove(name);
  return (user + system) / 1e6 / count;
}

test.each(['diskless', 'file'] as const)(
  'a creation on %s disks costs at most a tenth of what it costs a Ganeti master',
  async (kind) => {
    await cpuPerCreation(WISHES[kind], 3); // Before that, the compiler has not settled.
    const ours = await cpuPerCreation(WISHES[kind], COUNT);
    const [mine, theirs] = [ours * 1_000, GANETI_MS[kind]];
    const ratio = (mine / theirs).toFixed(3);
    process.stdout.write(`${kind}: ${mine.toFixed(1)} ms CPU, Ganeti ${theirs} ms: ${ratio}\n`);
    expect(await site.remains()).toEqual([]);
    expect(mine).toBeLessThanOrEqual(theirs / 10);
  },
);
