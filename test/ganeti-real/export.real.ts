/**
 * An instance on its way out of a node and in again: exported to another node by Ganeti's own
 * daemons, and made again from that.
 */
import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LUBackupExport } from '../../src/index.js';
import { whereOf } from '../../src/model/disk.js';
import { Bed } from './bed.js';
import { nameOf, Site } from './site.js';

const MIB = 1024 * 1024;

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

test('an instance that is exported comes back with what was on its disks', async () => {
  const instanceName = 'there.example.com';
  const sizes = [12, 4];
  await site.create({
    instanceName,
    disks: sizes.map((size) => ({ size: `${size}M` })),
    pnode: nameOf(2),
    beParams: { memoryMib: 128, vcpus: 2 },
  });
  const { config } = site.cluster;
  const places = (name: string, number: number): readonly string[] =>
    config
      .disksOf(config.findInstance(name) ?? never())
      .map(({ location }) => bed.node(number).at(whereOf(location)));
  const contents = sizes.map((size) => randomBytes(size * MIB));
  for (const [index, place] of places(instanceName, 2).entries()) {
    const file = await open(place, 'r+');
    await file.write(contents[index] ?? never(), 0);
    await file.close();
  }
  await site.cluster.run(new LUBackupExport(), {
    instanceName,
    targetNode: nameOf(3),
    graceMs: 1_000,
    longSleep: true,
    removeInstance: true,
  });
  expect(await site.remains()).toEqual([]);
  await site.create({
    instanceName: 'back.example.com',
    mode: 'import',
    srcNode: nameOf(3),
    srcPath: instanceName,
    disks: [],
    nics: [],
    pnode: nameOf(1),
  });
  for (const [index, place] of places('back.example.com', 1).entries()) {
    expect((await readFile(place)).equals(contents[index] ?? never())).toBe(true);
  }
  expect(config.findInstance('back.example.com')).toMatchObject({
    hypervisor: 'fake',
    beParams: { vcpus: 2 },
  });
  await site.remove('back.example.com');
  expect(await site.remains()).toEqual([]);
});

function never(): never {
  throw new Error('it is not there');
}
