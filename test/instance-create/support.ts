/**
 * What tests of creations have in common: a cluster of two nodes in memory, and requests that
 * differ from a good one in the point that a test is about.
 */
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { CreateResult } from '../../src/instance-create/types.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import { TestCluster, type TestClusterOptions } from '../../src/testing/test-cluster.js';

/** Admits small disks, none at all, and no cards. */
export const LENIENT_POLICY = {
  ...POLICY_DEFAULTS,
  minmax: POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
    min: { ...min, diskCount: 0, diskSizeMib: 1, nicCount: 0, memorySizeMib: 4 },
    max,
  })),
};

/** A cluster of two nodes on which creations run. */
export function openCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.open({
    nodes: [{ name: 'node1' }, { name: 'node2' }],
    hostnames: { 'web1.example.com': '192.0.2.50' },
    allocators: [new MostFreeAllocator()],
    undoActions: instanceUndoActions,
    ...options,
    cluster: {
      enabledDiskTemplates: ['file', 'sharedfile', 'diskless'],
      defaultAllocator: 'most-free',
      policy: LENIENT_POLICY,
      ...options.cluster,
    },
  });
}

/** A request for a small instance on node1, without looking its name up. */
export function request(changes: Partial<CreateOp> = {}): CreateOp {
  return {
    instanceName: 'web1.example.com',
    mode: 'create',
    diskTemplate: 'file',
    disks: [{ size: 64 }],
    nics: [{}],
    osType: 'debian',
    pnode: 'node1',
    nameCheck: false,
    ipCheck: false,
    ...changes,
  };
}

/** The same, with nodes chosen by the allocator. */
export function placedRequest(changes: Partial<CreateOp> = {}): CreateOp {
  const { pnode: _, ...others } = request(changes);
  return others;
}

/** Runs a creation. */
export function create(
  cluster: TestCluster,
  op: CreateOp,
  options: Parameters<TestCluster['run']>[2] = {},
): Promise<CreateResult> {
  return cluster.run(new LUInstanceCreate(), op, options);
}

/** The transcript with random ids shortened to `#1`, `#2` … in the order of their appearance. */
export function story(cluster: TestCluster): string {
  const seen = new Map<string, string>();
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  return cluster.transcript.join('\n').replaceAll(uuid, (id) => {
    const short = seen.get(id) ?? `#${seen.size + 1}`;
    seen.set(id, short);
    return short;
  });
}
