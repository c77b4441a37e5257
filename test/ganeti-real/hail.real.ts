/**
 * Ganeti's own allocator chooses: `hail`, run by the daemon of the node that leads, on what the nodes
 * say of themselves.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ProgramAllocator, runOnMaster } from '../../src/ganeti/index.js';
import { LuError } from '../../src/index.js';
import { Bed } from './bed.js';
import { idOf, nameOf, Site } from './site.js';

let bed: Bed;
let site: Site;

beforeAll(async () => {
  bed = await Bed.start();
  const transport = bed.transport();
  site = await Site.open(bed, {
    allocators: (config) => [new ProgramAllocator('hail', runOnMaster({ transport, config }))],
  });
});

afterAll(async () => {
  await site.close();
  await bed.stop();
});

async function drain(number: number, drained: boolean): Promise<void> {
  await site.cluster.config.commit('drain', (draft) => {
    draft.update('node', idOf(number), (node) => void (node.drained = drained));
  });
}

afterEach(async () => {
  // What a failed test has left must not fail the next one.
  for (const { name } of [...site.cluster.config.all('instance')]) await site.remove(name);
  for (const number of [1, 2, 3]) await drain(number, false);
});

test.each([
  ['diskless', []],
  ['file', [{ size: '16M' }, { size: '8M' }]],
  ['sharedfile', [{ size: '16M' }]],
] as const)('on %s disks an instance runs where it says', async (diskTemplate, disks) => {
  const instanceName = `placed-${diskTemplate}.example.com`;
  await site.create({ instanceName, diskTemplate, disks, iallocator: 'hail' });
  const { config } = site.cluster;
  const chosen = config.findInstance(instanceName)?.primaryNode;
  const number = [1, 2, 3].find((one) => idOf(one) === chosen) ?? 0;
  expect(await site.running(number)).toEqual([instanceName]);
  await site.remove(instanceName);
  expect(await site.remains()).toEqual([]);
});

test('it spreads, and leaves out a node that is to be emptied', async () => {
  await drain(3, true);
  const names = [1, 2, 3, 4].map((number) => `spread${number}.example.com`);
  for (const instanceName of names) {
    await site.create({ instanceName, iallocator: 'hail', beParams: { memoryMib: 1024 } });
  }
  const counts = [1, 2, 3].map((one) => [...site.cluster.config.instancesOn(idOf(one))].length);
  expect(counts).toEqual([2, 2, 0]);
  for (const name of names) await site.remove(name);
  expect(await site.remains()).toEqual([]);
});

test('where it finds no place, nothing is made, and its reason is told', async () => {
  for (const number of [1, 2, 3]) await drain(number, true);
  const error = await site
    .create({ instanceName: 'nowhere.example.com', iallocator: 'hail' })
    .catch((reason: unknown) => reason);
  expect(LuError.is(error)).toBe(true);
  expect(error).toMatchObject({ kind: 'prereq', code: 'insufficient_resources' });
  expect(await site.remains()).toEqual([]);
});

test('a program that is not there is told with the name of the node that was asked', async () => {
  const transport = bed.transport();
  const other = await Site.open(bed, {
    allocators: (config) => [new ProgramAllocator('none', runOnMaster({ transport, config }))],
  });
  await expect(
    other.create({ instanceName: 'nowhere.example.com', iallocator: 'none' }),
  ).rejects.toMatchObject({ kind: 'prereq', code: 'environment_error' });
  expect(nameOf(1)).toBe(other.cluster.config.node(other.cluster.config.cluster.masterNode).name);
  await other.close();
});
