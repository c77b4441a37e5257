/**
 * Stub nodes on which work takes its time: each makes one disk, installs one system, starts one
 * guest at a time. They count what they have given away, so that an allocator can tell full ones.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { NodeId } from '../../src/model/ids.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';

/**
 * What one creation has a node do, milliseconds; about the least that a real one takes. Whatever is
 * not named is an errand.
 */
const WORK_MS: Readonly<Record<string, number>> = {
  createDisk: 1_200,
  installOs: 600,
  startInstance: 200,
};

/** How long a node is busy with one creation, milliseconds. */
export const CREATION_MS: number = Object.values(WORK_MS).reduce((sum, ms) => sum + ms, 0);

/** There and back through the network. */
const ERRAND_MS = 1;

const MEMORY_MIB = 65_536;
const DISK_MIB = 1_048_576;

/** Nodes with these names. */
export function busyNodes(names: ReadonlyMap<NodeId, string>): StubNodes {
  const nodes = new StubNodes({ nodes: names, log: () => {} });
  const queues = new Map<NodeId, Promise<unknown>>();
  const busy = (node: NodeId, ms: number): Promise<unknown> => {
    const done = (queues.get(node) ?? Promise.resolve()).then(() => wait(ms));
    queues.set(node, done);
    return done;
  };
  return new Proxy(nodes, {
    get: (target, name) => {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      const ms = WORK_MS[String(name)];
      return async (...values: readonly unknown[]): Promise<unknown> => {
        await (ms === undefined ? wait(ERRAND_MS) : busy(values[0] as NodeId, ms));
        for (const id of names.keys()) countRoom(target, id);
        return Reflect.apply(call, target, values) as unknown;
      };
    },
  });
}

function countRoom(nodes: StubNodes, id: NodeId): void {
  const state = nodes.state(id);
  state.memoryTotalMib = MEMORY_MIB;
  state.memoryFreeMib = MEMORY_MIB - sumOf([...state.running.values()].map((one) => one.memoryMib));
  state.storageTotalMib = DISK_MIB;
  state.storageFreeMib = DISK_MIB - sumOf([...state.disks.values()]);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
