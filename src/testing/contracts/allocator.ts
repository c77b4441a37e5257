/**
 * What every allocator promises, as tests that its author runs with any test runner. Owns a small
 * cluster in memory to choose nodes from; the fixture brings the allocator.
 */
import assert from 'node:assert/strict';
import { BE_DEFAULTS } from '../../model/be-params.js';
import type { GroupId, NodeId } from '../../model/ids.js';
import type { AllocationAnswer, AllocationRequest, Allocator } from '../../ports/allocator.js';
import { nodeIdOf } from '../make.js';
import { TestCluster } from '../test-cluster.js';
import { type Checks, type ContractFixture, declareChecks, type PortContract } from './declare.js';

/**
 * An allocator to be tried.
 * @public
 */
export interface AllocatorFixture extends ContractFixture {
  /** The allocator. */
  readonly allocator: Allocator;
}

/**
 * Declares the tests of the allocator port's promises.
 * @public
 */
export function allocatorContract(contract: PortContract<AllocatorFixture>): void {
  declareChecks('allocator', CHECKS, contract);
}

const REQUEST: AllocationRequest = {
  name: 'new.example.com',
  diskTemplate: 'file',
  disks: [{ sizeMib: 2048, mode: 'rw' }],
  diskSpaceMib: 2048,
  nics: [],
  beParams: { ...BE_DEFAULTS, maxMemMib: 1024, minMemMib: 1024 },
  hypervisor: 'kvm',
  os: 'debian',
  tags: [],
  requiredNodes: 1,
};

const OTHER = 'group-other' as GroupId;

/** Two groups of two nodes that have room. */
const NODES = [
  { name: 'node1' },
  { name: 'node2' },
  { name: 'node3', groupId: OTHER },
  { name: 'node4', groupId: OTHER },
];

const CHECKS: Checks<AllocatorFixture> = {
  'should have a name that requests can ask for': ({ allocator }) => {
    assert.match(allocator.name, /^[A-Za-z0-9_-]+$/);
    return Promise.resolve();
  },

  'should choose exactly as many nodes as are needed, each once': async ({ allocator }) => {
    for (const requiredNodes of [1, 2]) {
      const nodes = chosen(await ask(allocator, { requiredNodes }));
      assert.equal(nodes.length, requiredNodes);
      assert.equal(new Set(nodes).size, requiredNodes);
      assert.deepEqual(
        nodes.filter((node) => !idsOf(1, 2, 3, 4).includes(node)),
        [],
      );
    }
  },

  'should choose among the nodes on offer only': async ({ allocator }) => {
    for (const only of [1, 2, 3, 4]) {
      const onlyNodes = idsOf(only);
      assert.deepEqual(chosen(await ask(allocator, { onlyNodes })), onlyNodes);
    }
    const onlyNodes = idsOf(2, 1);
    const both = chosen(await ask(allocator, { onlyNodes, requiredNodes: 2 }));
    assert.deepEqual([...both].sort(), idsOf(1, 2));
  },

  'should choose from the group that is asked for only': async ({ allocator }) => {
    const there = chosen(await ask(allocator, { groupName: 'other', requiredNodes: 2 }));
    assert.deepEqual([...there].sort(), idsOf(3, 4));
    const here = chosen(await ask(allocator, { groupName: 'default', requiredNodes: 2 }));
    assert.deepEqual([...here].sort(), idsOf(1, 2));
  },

  'given no choice, then it says why': async ({ allocator }) => {
    const impossible: readonly Partial<AllocationRequest>[] = [
      { requiredNodes: 5 },
      { onlyNodes: [] },
      { onlyNodes: idsOf(1), requiredNodes: 2 },
      { onlyNodes: idsOf(1), groupName: 'other' },
      { groupName: 'no-such-group' },
    ];
    for (const request of impossible) {
      const answer = await ask(allocator, request);
      assert.equal(answer.found, false, JSON.stringify(request));
      assert.notEqual(answer.info.trim(), '');
    }
  },

  'given nodes that do not answer, when the search is aborted, then it ends': async (fixture) => {
    const cluster = await openCluster();
    for (const method of ['nodeInfo', 'runningInstances']) {
      cluster.nodes.faults.add({ method, kind: 'hang', times: Number.POSITIVE_INFINITY });
    }
    const search = new AbortController();
    const { signal } = search;
    const view = { config: cluster.config, rpc: cluster.nodes, signal, claimed: [] };
    const [ended] = await Promise.allSettled([
      fixture.allocator.allocate(REQUEST, view),
      Promise.resolve().then(() => search.abort(new Error('enough'))),
    ]);
    assert.ok(ended.status === 'rejected' || !ended.value.found, 'nobody said what is free');
  },
};

async function ask(
  allocator: Allocator,
  request: Partial<AllocationRequest>,
): Promise<AllocationAnswer> {
  const { config, nodes } = await openCluster();
  const { signal } = new AbortController();
  return allocator.allocate(
    { ...REQUEST, ...request },
    { config, rpc: nodes, signal, claimed: [] },
  );
}

function openCluster(): Promise<TestCluster> {
  return TestCluster.open({ nodes: NODES, groups: [{ id: OTHER, name: 'other' }] });
}

function idsOf(...numbers: readonly number[]): readonly NodeId[] {
  return numbers.map((number) => nodeIdOf(`node${number}`));
}

function chosen(answer: AllocationAnswer): readonly NodeId[] {
  return answer.found ? answer.nodes : assert.fail(`there is room, but: ${answer.info}`);
}
