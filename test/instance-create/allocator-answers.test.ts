import { expect, test } from 'vitest';
import { type PrereqCode, TemporaryShortage } from '../../src/errors.js';
import type { GroupId, NodeId } from '../../src/model/ids.js';
import type { AllocationAnswer, AllocationRequest, Allocator } from '../../src/ports/allocator.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { create, openCluster, placedRequest } from './support.js';

function answering(answer: AllocationAnswer, asked: AllocationRequest[] = []) {
  return {
    name: 'oracle',
    allocate: (request: AllocationRequest): Promise<AllocationAnswer> => {
      asked.push(request);
      return Promise.resolve(answer);
    },
  };
}

function promiseOf<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const [NODE1, NODE2] = [nodeIdOf('node1'), nodeIdOf('node2')];
const found = (...nodes: readonly NodeId[]): AllocationAnswer => ({
  found: true,
  nodes,
  info: 'fine',
});

test.each<{ answer: AllocationAnswer; code: PrereqCode; says: RegExp }>([
  { answer: found(), code: 'internal_error', says: /gave 0 node\(s\)/ },
  { answer: found(NODE1, NODE2), code: 'internal_error', says: /gave 2 node\(s\).*asked for 1/ },
  { answer: found('x' as NodeId), code: 'unknown_entity', says: /chose 'x', which is no node/ },
  {
    answer: { found: false, info: 'all full' },
    code: 'insufficient_resources',
    says: /Allocator oracle found no place for web1\.example\.com: all full/,
  },
])(
  'given an answer that is of no use ($says), when an instance is created, then it is refused',
  async ({ answer, code, says }) => {
    const cluster = await openCluster({ allocators: [answering(answer)] });
    const run = create(cluster, placedRequest({ iallocator: 'oracle' }));
    await expect(run).rejects.toMatchObject({ code });
    await expect(run).rejects.toThrow(says);
    expect(await cluster.leftovers()).toEqual([]);
  },
);

test('given opportunistic locks, when an allocator chooses a node that is not held, then it is refused', async () => {
  const cluster = await openCluster({ allocators: [answering(found(NODE1))] });
  await cluster.open.locks.acquire(ownerId('other'), [{ lock: 'node/node-node1', mode: 'shared' }]);
  const op = placedRequest({ iallocator: 'oracle', opportunisticLocking: true });
  const run = create(cluster, op);
  await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
  await expect(run).rejects.toThrow("'node1', which was not on offer");
});

test('given a request, when the allocator is asked under locks, then it is told everything, addresses included', async () => {
  const asked: AllocationRequest[] = [];
  const cluster = await openCluster({ allocators: [answering(found(NODE2), asked)] });
  const op = placedRequest({
    iallocator: 'oracle',
    placementRung: 'full',
    groupName: 'default',
    tags: ['web'],
    beParams: { vcpus: 2 },
    disks: [{ size: 64 }, { size: '1g', mode: 'ro' }],
    nics: [{ ip: '10.0.0.9' }],
  });
  expect(await create(cluster, op)).toEqual(['node2']);
  const mac = cluster.config.findInstance('web1')?.nics[0]?.mac;
  expect(asked).toMatchObject([
    {
      name: 'web1.example.com',
      diskTemplate: 'file',
      disks: [
        { sizeMib: 64, mode: 'rw' },
        { sizeMib: 1024, mode: 'ro' },
      ],
      diskSpaceMib: 1088,
      nics: [{ mac, ip: '10.0.0.9', params: {} }],
      beParams: { vcpus: 2, maxMemMib: 128 },
      hypervisor: 'fake',
      os: 'debian',
      tags: ['web'],
      requiredNodes: 1,
      groupName: 'default',
    },
  ]);
  expect(asked[0]).not.toHaveProperty('onlyNodes');
});

test('given an allocator that fails, when an instance is created, then nothing is held', async () => {
  const broken = { name: 'oracle', allocate: () => Promise.reject(new Error('script missing')) };
  const cluster = await openCluster({ allocators: [broken] });
  const run = create(cluster, placedRequest({ iallocator: 'oracle' }));
  await expect(run).rejects.toMatchObject({ kind: 'exec' });
  await expect(run).rejects.toThrow('script missing');
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a change while an allocator searches, then what it looks at stays as it was', async () => {
  const seen: (string | undefined)[] = [];
  const slow: Allocator = {
    name: 'oracle',
    allocate: async (_, { config }) => {
      await cluster.config.commit('rename', (draft) =>
        draft.update('node', NODE2, (node) => {
          node.name = 'renamed';
        }),
      );
      seen.push(config.find('node', NODE2)?.name, cluster.config.find('node', NODE2)?.name);
      return found(NODE1);
    },
  };
  const cluster = await openCluster({ allocators: [slow] });
  await create(cluster, placedRequest({ iallocator: 'oracle', placementRung: 'full' }));
  expect(seen).toEqual(['node2', 'renamed']);
});

test('given an allocator that heeds no signal, when the caller gives up, then nobody waits for it', async () => {
  const abort = new AbortController();
  const deaf: Allocator = {
    name: 'oracle',
    allocate: () => {
      queueMicrotask(() => abort.abort('enough'));
      return new Promise(() => undefined);
    },
  };
  const cluster = await openCluster({ allocators: [deaf] });
  const op = placedRequest({ iallocator: 'oracle' });
  const run = create(cluster, op, { signal: abort.signal });
  await expect(run).rejects.toMatchObject({ name: 'Cancelled', cause: 'enough' });
  expect((await cluster.open.locks.explain()).locks).toEqual([]);
});

test('given a node that changes its group meanwhile, when its lock is won, then it is refused', async () => {
  const cluster = await openCluster({
    groups: [{ id: 'far' as GroupId, name: 'far' }],
    allocators: [],
  });
  const other = ownerId('other');
  await cluster.open.locks.acquire(other, [{ lock: 'node/node-node1', mode: 'exclusive' }]);
  const run = create(
    cluster,
    { ...placedRequest(), pnode: 'node1' },
    {
      onReport: ({ type }) => {
        if (type !== 'lockWait') return;
        void cluster.config
          .commit('move', (draft) =>
            draft.update('node', NODE1, (node) => {
              node.groupId = 'far' as GroupId;
            }),
          )
          .then(() => cluster.open.locks.release(other, 'all'));
      },
    },
  );
  await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
  await expect(run).rejects.toThrow("'node1' changed its group meanwhile; try again");
});

test('given a caller who gives up while the allocator is called, then its answer leads to nothing', async () => {
  const abort = new AbortController();
  const { promise, resolve } = promiseOf<AllocationAnswer>();
  const late: Allocator = {
    name: 'oracle',
    allocate: () => {
      abort.abort('enough');
      return promise;
    },
  };
  const cluster = await openCluster({ allocators: [late] });
  const op = placedRequest({ iallocator: 'oracle', nics: [{ ip: '10.0.0.9' }] });
  const run = create(cluster, op, { signal: abort.signal });
  await expect(run).rejects.toMatchObject({ name: 'Cancelled', cause: 'enough' });
  const before = [...cluster.transcript];
  resolve(found(NODE1));
  await new Promise((done) => setImmediate(done));
  expect(cluster.transcript).toEqual(before);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given an allocator that is short of nodes although all are locked, then it is not asked again', async () => {
  let asked = 0;
  const short: Allocator = {
    name: 'oracle',
    allocate: () => {
      asked += 1;
      return Promise.reject(new TemporaryShortage('nobody answers today'));
    },
  };
  const cluster = await openCluster({ allocators: [short] });
  const run = create(cluster, placedRequest({ iallocator: 'oracle', placementRung: 'full' }));
  await expect(run).rejects.toThrow('nobody answers today');
  expect(asked).toBe(1);
  expect(await cluster.leftovers()).toEqual([]);
});
