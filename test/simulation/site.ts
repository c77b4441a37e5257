/**
 * The cluster of the simulation: eight nodes, a few instances on them, and three registers, which
 * are disks whose contents are a number.
 */
import { initConfig } from '../../src/config/cluster-config.js';
import type { Disk } from '../../src/model/disk.js';
import { whereOf } from '../../src/model/disk.js';
import type { NodeId } from '../../src/model/ids.js';
import type { Instance } from '../../src/model/instance.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import {
  makeCluster,
  makeDisk,
  makeGroup,
  makeInstance,
  makeNode,
  nodeIdOf,
} from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';
import { LENIENT_POLICY } from './policy.js';

export const NODE_NAMES: readonly string[] = Array.from({ length: 8 }, (_, n) => `node${n + 1}`);
export const NODES: ReadonlyMap<NodeId, string> = new Map(
  NODE_NAMES.map((name) => [nodeIdOf(name), name]),
);

/** Names of instances that are there from the beginning, and of registers. */
export const INSTANCES: readonly string[] = Array.from(
  { length: 4 },
  (_, n) => `old${n}.example.com`,
);
export const REGISTERS: readonly string[] = Array.from(
  { length: 3 },
  (_, n) => `reg${n}.example.com`,
);

/** Makes the configuration, and what nodes have according to it. */
export async function buildSite(store: KvStore, nodes: StubNodes, seed: number): Promise<void> {
  const ids = new SeededIds(seed);
  const instances: Instance[] = [];
  const disks: Disk[] = [];
  [...REGISTERS, ...INSTANCES].forEach((name, place) => {
    const bare = makeInstance(name, nodeIdOf(NODE_NAMES[place] ?? ''), ids);
    const disk = makeDisk(bare, 0, ids, { sizeMib: 64 });
    instances.push({ ...bare, diskTemplate: 'file', diskIds: [disk.id] });
    disks.push(disk);
    const state = nodes.state(bare.primaryNode);
    state.disks.set(whereOf(disk.location), disk.sizeMib);
    state.directories.add(`/srv/ganeti/file-storage/${name}`);
  });
  await initConfig({
    store,
    clock: new ManualClock(),
    cluster: makeCluster(nodeIdOf('node1'), {
      enabledDiskTemplates: ['file', 'drbd', 'diskless'],
      volumeGroup: 'xenvg',
      defaultAllocator: 'most-free',
      policy: LENIENT_POLICY,
    }),
    nodes: NODE_NAMES.map((name) => makeNode(name)),
    groups: [makeGroup()],
    instances,
    disks,
  });
}
