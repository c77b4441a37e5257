import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import type { GroupId } from '../../src/model/ids.js';
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import type { Node } from '../../src/model/node.js';
import type { AllocationAnswer, AllocationRequest } from '../../src/ports/allocator.js';
import type { CapacityClaim } from '../../src/ports/capacity.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster, type TestClusterOptions } from '../../src/testing/test-cluster.js';

const REQUEST: AllocationRequest = {
  name: 'new.example.com',
  diskTemplate: 'file',
  disks: [
    { sizeMib: 1024, mode: 'rw' },
    { sizeMib: 1024, mode: 'rw' },
  ],
  diskSpaceMib: 2048,
  nics: [],
  beParams: {
    maxMemMib: 1024,
    minMemMib: 1024,
    vcpus: 1,
    spindleUse: 1,
    autoBalance: true,
    alwaysFailover: false,
  },
  hypervisor: 'fake',
  tags: [],
  requiredNodes: 1,
};

interface Sizes {
  readonly memoryFreeMib?: number;
  readonly storageFreeMib?: number;
  readonly cpuTotal?: number;
}

type Machine = { readonly name: string } & Partial<Node> & { readonly sizes?: Sizes };

async function allocate(
  machines: readonly Machine[],
  request: Partial<AllocationRequest> = {},
  options: TestClusterOptions = {},
  claimed: readonly CapacityClaim[] = [],
): Promise<AllocationAnswer> {
  const nodes = machines.map(({ sizes: _, ...node }) => node);
  const cluster = await TestCluster.open({ nodes, ...options });
  for (const { name, sizes } of machines) Object.assign(cluster.nodes.state(nodeIdOf(name)), sizes);
  return new MostFreeAllocator().allocate(
    { ...REQUEST, ...request },
    {
      config: cluster.config,
      rpc: cluster.nodes,
      signal: new AbortController().signal,
      claimed,
    },
  );
}

const SMALL = { memoryFreeMib: 2048 };

test('should choose the node that keeps the largest share of its scarcer resource', async () => {
  const answer = await allocate([
    { name: 'a', sizes: { memoryFreeMib: 60_000, storageFreeMib: 4096 } },
    { name: 'b', sizes: { memoryFreeMib: 20_000, storageFreeMib: 500_000 } },
    { name: 'c', sizes: { memoryFreeMib: 10_000, storageFreeMib: 500_000 } },
  ]);
  expect(answer).toEqual({ found: true, nodes: ['node-b'], info: '28 % stay free' });
});

test('should prefer fewer instances, then the name, when nodes have equal room', async () => {
  const machines = [{ name: 'c' }, { name: 'a' }, { name: 'b' }];
  const instances = [{ name: 'x', primaryNode: nodeIdOf('a') }];
  expect(await allocate(machines)).toMatchObject({ nodes: ['node-a'] });
  expect(await allocate(machines, {}, { instances })).toMatchObject({ nodes: ['node-b'] });
});

test('should count memory of instances that should run, but do not', async () => {
  const machines = [{ name: 'a' }, { name: 'b', sizes: { memoryFreeMib: 30_000 } }];
  const instance = { name: 'x', primaryNode: nodeIdOf('a'), beParams: { maxMemMib: 16_000 } };
  const down = { instances: [{ ...instance, adminState: 'down' as const }] };
  const up = { instances: [{ ...instance, adminState: 'up' as const }] };
  expect(await allocate(machines, {}, down)).toMatchObject({ nodes: ['node-a'] });
  expect(await allocate(machines, {}, up)).toMatchObject({ nodes: ['node-b'] });
});

test('should say for which reasons nodes were left out, with their numbers', async () => {
  const answer = await allocate(
    [
      { name: 'a', offline: true },
      { name: 'b', drained: true },
      { name: 'c', drained: true },
      { name: 'd', vmCapable: false },
      { name: 'e', sizes: { memoryFreeMib: 1023 } },
      { name: 'f', sizes: { storageFreeMib: 2047 } },
      { name: 'g', sizes: { cpuTotal: 0 } },
      { name: 'h', groupId: 'closed' as GroupId },
      { name: 'i', groupId: 'plain' as GroupId },
      { name: 'j' },
    ],
    { onlyNodes: 'abcdefghi'.split('').map(nodeIdOf) },
    {
      groups: [
        { id: 'closed' as GroupId, name: 'closed', allocPolicy: 'unallocable' },
        { id: 'plain' as GroupId, name: 'plain', policy: { diskTemplates: ['plain'] } },
      ],
    },
  );
  expect(answer).toEqual({
    found: false,
    info:
      '1 node busy; 2 nodes drained; 1 node in groups closed to allocators; ' +
      '1 node in groups without file disks; 1 node not for instances; 1 node offline; ' +
      '1 node with too few processors; 1 node with too little disk space; ' +
      '1 node with too little memory',
  });
});

test('should say so when nodes would do, but not enough of one group', async () => {
  const answer = await allocate([{ name: 'a', sizes: SMALL }], { requiredNodes: 2 });
  expect(answer).toMatchObject({
    found: false,
    info: '1 would do, but no group has 2 of them',
  });
});

test('should leave out nodes that do not answer', async () => {
  const nodes = [{ name: 'a' }, { name: 'b' }];
  const cluster = await TestCluster.open({ nodes });
  cluster.nodes.faults.add({ method: 'nodeInfo', node: 'a' });
  const view = {
    config: cluster.config,
    rpc: cluster.nodes,
    signal: new AbortController().signal,
    claimed: [],
  };
  expect(await new MostFreeAllocator().allocate(REQUEST, view)).toMatchObject({
    nodes: ['node-b'],
  });
});

const GROUPS: TestClusterOptions = {
  groups: [
    { id: 'spare' as GroupId, name: 'spare', allocPolicy: 'last_resort' },
    { id: 'other-id' as GroupId, name: 'other' },
  ],
};

test('should take a group of last resort only if no preferred one has room', async () => {
  const spare = { name: 'a', groupId: 'spare' as GroupId };
  const full = { name: 'b', sizes: { memoryFreeMib: 100 } };
  expect(await allocate([spare, { name: 'b', sizes: SMALL }], {}, GROUPS)).toMatchObject({
    nodes: ['node-b'],
  });
  expect(await allocate([spare, full], {}, GROUPS)).toMatchObject({ nodes: ['node-a'] });
});

test('should take only the group that is asked for, by name or UUID', async () => {
  const machines = [{ name: 'a' }, { name: 'b', groupId: 'other-id' as GroupId, sizes: SMALL }];
  for (const groupName of ['other', 'other-id']) {
    expect(await allocate(machines, { groupName }, GROUPS)).toMatchObject({ nodes: ['node-b'] });
  }
  expect(await allocate(machines, { groupName: 'far' }, GROUPS)).toEqual({
    found: false,
    info: "there is no group 'far'",
  });
});

test('should take all nodes of an instance from one group', async () => {
  const machines = [
    { name: 'a' },
    { name: 'b', groupId: 'other-id' as GroupId, sizes: SMALL },
    { name: 'c', groupId: 'other-id' as GroupId, sizes: SMALL },
  ];
  expect(await allocate(machines, { requiredNodes: 2 }, GROUPS)).toMatchObject({
    nodes: ['node-b', 'node-c'],
  });
});

test('should keep the ratio of virtual to physical processors', async () => {
  const policy = { ...POLICY_DEFAULTS, vcpuRatio: 2 };
  const instances = [{ name: 'x', beParams: { vcpus: 7 } }];
  const machines = [{ name: 'a', sizes: { cpuTotal: 4 } }];
  const options = { instances, cluster: { policy } };
  expect(await allocate(machines, {}, options)).toMatchObject({ found: true });
  const beParams = { ...REQUEST.beParams, vcpus: 2 };
  expect(await allocate(machines, { beParams }, options)).toMatchObject({ found: false });
});

test('should not ask for space that diskless instances do not need', async () => {
  const machines = [{ name: 'a', sizes: { storageFreeMib: 0 } }];
  const answer = await allocate(machines, { diskTemplate: 'diskless', disks: [] });
  expect(answer).toMatchObject({ found: true, nodes: ['node-a'] });
});

test('should never choose a node without room, and find one whenever there is one', async () => {
  const sizes = fc.record({
    memoryFreeMib: fc.integer({ min: 0, max: 4096 }),
    storageFreeMib: fc.integer({ min: 0, max: 8192 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(sizes, { minLength: 1, maxLength: 5 }), async (rooms) => {
      const machines = rooms.map((room, at) => ({ name: `n${at}`, sizes: room }));
      const answer = await allocate(machines);
      const fits = (room: Required<Omit<Sizes, 'cpuTotal'>> | undefined): boolean =>
        room !== undefined && room.memoryFreeMib >= 1024 && room.storageFreeMib >= 2048;
      expect(answer.found).toBe(rooms.some(fits));
      if (!answer.found) return;
      expect(answer.nodes).toHaveLength(1);
      expect(answer.nodes.every((id) => fits(rooms[Number(id.replace('node-n', ''))]))).toBe(true);
      expect(await allocate(machines)).toEqual(answer);
    }),
    { numRuns: 40 },
  );
});

const CLAIM: CapacityClaim = {
  node: nodeIdOf('a'),
  storage: 'file',
  memoryMib: 0,
  diskMib: 0,
  vcpus: 0,
  spindles: 0,
};

test('should prefer the node on which less is claimed', async () => {
  const machines = [{ name: 'a' }, { name: 'b' }];
  const on = (changes: Partial<CapacityClaim>): Promise<AllocationAnswer> =>
    allocate(machines, {}, {}, [{ ...CLAIM, ...changes }]);
  expect(await on({})).toMatchObject({ nodes: ['node-a'] });
  expect(await on({ memoryMib: 16_000 })).toMatchObject({ nodes: ['node-b'] });
  expect(await on({ memoryMib: 16_000, node: nodeIdOf('b') })).toMatchObject({ nodes: ['node-a'] });
  expect(await on({ diskMib: 400_000 })).toMatchObject({ nodes: ['node-b'] });
  expect(await on({ diskMib: 400_000, storage: 'plain' })).toMatchObject({ nodes: ['node-a'] });
});

test.each<[string, Partial<CapacityClaim>, Partial<CapacityClaim>]>([
  ['memory', { memoryMib: 1024 }, { memoryMib: 1025 }],
  ['disk space', { diskMib: 2048 }, { diskMib: 2049 }],
  // Four processors for each of two, by the policy's ratio.
  ['processors', { vcpus: 7 }, { vcpus: 8 }],
])('should take what is left of %s to the last bit, and no more', async (what, fits, not) => {
  const sizes = { memoryFreeMib: 2048, storageFreeMib: 4096, cpuTotal: 2 };
  const machines = [{ name: 'a', sizes }];
  const on = (changes: Partial<CapacityClaim>): Promise<AllocationAnswer> =>
    allocate(machines, {}, {}, [{ ...CLAIM, ...changes }]);
  expect(await on(fits)).toMatchObject({ found: true });
  expect(await on(not)).toEqual({
    found: false,
    info: `1 node with too ${what === 'processors' ? 'few' : 'little'} ${what}`,
  });
});

test('should find a place exactly if there is one beside all claims', async () => {
  const amounts = { memoryMib: fc.nat(2048), diskMib: fc.nat(4096), vcpus: fc.nat(6) };
  const claims = fc.array(
    fc.record({ ...amounts, node: fc.constantFrom('a', 'b', 'c').map(nodeIdOf) }),
    { maxLength: 6 },
  );
  const sizes = { memoryFreeMib: 4096, storageFreeMib: 8192, cpuTotal: 2 };
  await fc.assert(
    fc.asyncProperty(claims, async (drawn) => {
      const claimed = drawn.map((each) => ({ ...CLAIM, ...each }));
      const left = (name: string): boolean => {
        const here = claimed.filter(({ node }) => node === nodeIdOf(name));
        const sum = (of: 'memoryMib' | 'diskMib' | 'vcpus'): number =>
          here.reduce((all, each) => all + each[of], 0);
        return sum('memoryMib') <= 3072 && sum('diskMib') <= 6144 && sum('vcpus') <= 7;
      };
      const good = ['a', 'b', 'c'].filter(left).map(nodeIdOf);
      const machines = ['a', 'b', 'c'].map((name) => ({ name, sizes }));
      const answer = await allocate(machines, {}, {}, claimed);
      expect(answer.found).toBe(good.length > 0);
      if (answer.found) expect(good).toContain(answer.nodes[0]);
    }),
    { numRuns: 100, seed: Number(process.env['SEED']) },
  );
});
