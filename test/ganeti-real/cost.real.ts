/**
 * What a creation costs this process when the nodes are real: its own CPU, theirs left out. The
 * figure is printed; docs/performance.md holds it against a real Ganeti master's.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateOp } from '../../src/index.js';
import { Bed } from './bed.js';
import { nameOf, Site } from './site.js';

/**
 * CPU seconds of a real Ganeti 3.0.2 master's daemons for one creation (median of seven), node
 * daemon left out: on the same kind of machine, one node, an empty configuration.
 */
const GANETI = { diskless: 1.05 + 0.1, file: 1.65 + 0.12 } as const;

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

const WISHES: Readonly<Record<keyof typeof GANETI, Partial<CreateOp>>> = {
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
    const [mine, theirs] = [ours * 1_000, GANETI[kind] * 1_000];
    const ratio = (mine / theirs).toFixed(3);
    process.stdout.write(`${kind}: ${mine.toFixed(1)} ms CPU, Ganeti ${theirs} ms: ${ratio}\n`);
    expect(await site.remains()).toEqual([]);
    expect(mine).toBeLessThanOrEqual(theirs / 10);
  },
);
