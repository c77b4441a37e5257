/** Claimed room as allocator programs are told of it. */
import { expect, test } from 'vitest';
import { lessClaimed } from '../../src/ganeti/allocator/claimed.js';
import type { LiveNode } from '../../src/ganeti/allocator/input.js';
import { ProgramAllocator } from '../../src/ganeti/allocator/program-allocator.js';
import { BE_DEFAULTS } from '../../src/model/be-params.js';
import type { CapacityClaim } from '../../src/ports/capacity.js';
import type { StorageSpace } from '../../src/ports/node-facts.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster } from '../../src/testing/test-cluster.js';

const [A, B] = [nodeIdOf('a'), nodeIdOf('b')];

const CLAIM: CapacityClaim = {
  node: A,
  storage: 'file',
  memoryMib: 1000,
  diskMib: 300,
  vcpus: 4,
  spindles: 2,
};

function live(...storage: readonly StorageSpace[]): LiveNode {
  return {
    facts: {
      memoryTotalMib: 8000,
      memoryFreeMib: 4000,
      memoryNodeMib: 500,
      cpuTotal: 8,
      storage,
    },
    memoryOfInstances: new Map([['web1', 512]]),
    nodeCpus: 1,
    spindles: { total: 10, free: 5 },
  };
}

const SPACE: StorageSpace = { kind: 'file', key: '/srv', totalMib: 5000, freeMib: 1000 };
const OTHER: StorageSpace = { kind: 'lvm-vg', key: 'xenvg', totalMib: 7, freeMib: 7 };
const FILE = { diskTemplate: 'file' } as const;

test('a node has that much less memory, space and spindles free, and is the same otherwise', () => {
  const nodes = new Map([
    [A, live(SPACE, OTHER)],
    [B, live(SPACE)],
  ]);
  const told = lessClaimed(nodes, FILE, [CLAIM, { ...CLAIM, diskMib: 1, spindles: 0 }]);
  const before = live(SPACE, OTHER);
  expect(told.get(A)).toEqual({
    ...before,
    facts: {
      ...before.facts,
      memoryFreeMib: 2000,
      storage: [{ ...SPACE, freeMib: 699 }, OTHER],
    },
    spindles: { total: 10, free: 3 },
  });
  expect(told.get(B)).toEqual(live(SPACE));
});

test('nothing is free where more is claimed than there is', () => {
  const much = { ...CLAIM, memoryMib: 5000, diskMib: 5000, spindles: 50 };
  const told = lessClaimed(new Map([[A, live(SPACE)]]), FILE, [much]).get(A);
  expect(told).toMatchObject({ facts: { memoryFreeMib: 0 }, spindles: { free: 0 } });
  expect(told?.facts.storage).toEqual([{ ...SPACE, freeMib: 0 }]);
});

test('space that is not known stays unknown, and other storage is left alone', () => {
  const unknown: StorageSpace = { kind: 'file', key: '/srv' };
  const bare = { ...live(), facts: { ...live().facts, storage: [] } };
  const nodes = new Map([
    [A, live(unknown)],
    [B, bare],
  ]);
  const told = lessClaimed(nodes, FILE, [CLAIM, { ...CLAIM, node: B }]);
  expect(told.get(A)?.facts.storage).toEqual([unknown]);
  expect(told.get(B)?.facts.storage).toEqual([]);
  const plain = lessClaimed(new Map([[A, live(SPACE)]]), { diskTemplate: 'plain' }, [CLAIM]);
  expect(plain.get(A)?.facts.storage).toEqual([SPACE]);
});

test('nodes that say nothing of spindles are told nothing of them', () => {
  const { spindles: _, ...node } = live(SPACE);
  expect(lessClaimed(new Map([[A, node]]), FILE, [CLAIM]).get(A)).not.toHaveProperty('spindles');
});

test('an allocator program is asked with what is left', async () => {
  const cluster = await TestCluster.open({ nodes: [{ name: 'a' }, { name: 'b' }] });
  const asked: { nodes: Record<string, Record<string, number>> }[] = [];
  const allocator = new ProgramAllocator('hail', async (_name, json) => {
    asked.push(JSON.parse(json) as (typeof asked)[number]);
    const stdout = JSON.stringify({ success: true, info: 'fits', result: ['b'] });
    return { exitCode: 0, stdout, stderr: '' };
  });
  const { memoryFreeMib, storageFreeMib } = cluster.nodes.state(A);
  const beParams = { ...BE_DEFAULTS, maxMemMib: 1024, minMemMib: 1024 };
  await allocator.allocate(
    {
      name: 'new.example.com',
      diskTemplate: 'file',
      disks: [{ sizeMib: 64, mode: 'rw' }],
      diskSpaceMib: 64,
      nics: [],
      beParams,
      hypervisor: 'fake',
      os: 'debian',
      tags: [],
      requiredNodes: 1,
    },
    {
      config: cluster.config,
      rpc: cluster.nodes,
      signal: new AbortController().signal,
      claimed: [CLAIM],
    },
  );
  expect(asked[0]?.nodes['a']).toMatchObject({
    free_memory: memoryFreeMib - 1000,
    free_disk: storageFreeMib - 300,
  });
  expect(asked[0]?.nodes['b']).toMatchObject({
    free_memory: memoryFreeMib,
    free_disk: storageFreeMib,
  });
});
