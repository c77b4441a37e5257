/**
 * The least that can stand in for nodes, their hooks and a resolver: every call is a promise with a
 * constant answer. What is left is the cost of the Logical Unit itself.
 */
import {
  answered,
  type HookNodes,
  type NameResolver,
  type NodeFacts,
  type NodeId,
  type NodeRpc,
  type Replies,
  type Reply,
} from '../../src/index.js';
import { LimitedNodeRpc } from '../../src/ports/limited-node-rpc.js';

const FACTS: NodeFacts = {
  memoryTotalMib: 1_048_576,
  memoryFreeMib: 1_048_576,
  memoryNodeMib: 0,
  cpuTotal: 64,
  storage: [{ kind: 'file', key: '', totalMib: 1_073_741_824, freeMib: 1_073_741_824 }],
};

const OS = { name: 'debian', apiVersions: [20], variants: [], parameters: [], trusted: true };

/** Counts the calls, so that a peer can make as many. */
export class Calls {
  count = 0;

  async one<T>(payload: T): Promise<Reply<T>> {
    this.count++;
    return answered(payload);
  }

  async many<T>(nodes: readonly NodeId[], payload: T): Promise<Replies<NodeId, T>> {
    this.count++;
    return new Map(nodes.map((node) => [node, answered(payload)]));
  }
}

/** Nodes that have everything and do nothing. */
export function stubNodes(calls: Calls): NodeRpc & HookNodes {
  const others = new LimitedNodeRpc();
  const done = (): Promise<Reply<void>> => calls.one(undefined);
  return {
    ...others,
    nodeInfo: (nodes) => calls.many(nodes, FACTS),
    validateHypervisor: (nodes) => calls.many<void>(nodes, undefined),
    validateOs: (nodes) => calls.many(nodes, true),
    findOs: () => calls.one(OS),
    bridgesExist: done,
    instanceStatus: () => calls.one(undefined),
    runningInstances: () => calls.one([]),
    createStorageDir: (_, { path }) => calls.one([path]),
    removeStorageDir: done,
    createDisk: done,
    wipeDisk: done,
    removeDisk: done,
    installOs: () => calls.one({}),
    renameOs: () => calls.one({}),
    startInstance: done,
    stopInstance: done,
    mirrorStatus: (_, { disks }) => calls.one(disks.map(() => ({ degraded: false }))),
    pauseSync: (_, { disks }) => calls.one(disks.map(() => true)),
    publishMetadata: done,
    runHooks: (nodes) => calls.many(nodes, []),
  };
}

/** Every name is a host at an address where nothing answers. */
export function stubResolver(calls: Calls): NameResolver {
  return {
    resolve: async (name) => {
      calls.count++;
      return { name, ip: '192.0.2.10' };
    },
    answers: async () => {
      calls.count++;
      return false;
    },
  };
}
