/**
 * Many creations at once on a cluster of twenty nodes whose store is etcd. An allocator finds each
 * of them a place.
 */
import {
  type CreateOp,
  initConfig,
  instanceUndoActions,
  LUInstanceCreate,
  MostFreeAllocator,
  newCluster,
  newGroup,
  newNode,
  openCluster,
  type OpenCluster,
  type PlacementRung,
} from '../../src/index.js';
import { systemIds } from '../../src/local/random-ids.js';
import { systemClock } from '../../src/local/system-clock.js';
import type { GroupId, NodeId } from '../../src/model/ids.js';
import type { SharedStore } from '../../src/ports/shared-store.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { busyNodes, CREATION_MS } from './busy-nodes.js';
import { join } from './processes.js';

const NODES = 20;
const GROUP = 'group-1' as GroupId;

const NAMES = new Map(
  Array.from({ length: NODES }, (_, at): [NodeId, string] => [
    `node-${at + 1}` as NodeId,
    `node${at + 1}.example.com`,
  ]),
);

/** Creations per second if nothing but the nodes' work took time. */
export const IDEAL_PER_SECOND: number = (NODES * 1_000) / CREATION_MS;

/** Who creates. */
export interface Crowd {
  /** Where placement begins. */
  readonly rung: PlacementRung;
  /** How many creations there are. */
  readonly count: number;
  /** How many processes share them. */
  readonly processes: number;
}

/** Creations per second, all of them begun at once. */
export async function ratePerSecond(
  endpoints: readonly string[],
  prefix: string,
  { rung, count, processes }: Crowd,
): Promise<number> {
  const stores: SharedStore[] = [];
  for (let at = 0; at < processes; at++) stores.push(await join(endpoints, prefix));
  const nodes = busyNodes(NAMES);
  const clusters = await openAll(stores, nodes);
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      clusters[at % processes]?.run(new LUInstanceCreate(), requestOf(at, rung)),
    ),
  );
  const seconds = (performance.now() - startMs) / 1_000;
  for (const cluster of clusters) await cluster.close();
  for (const store of stores) await store.close();
  return count / seconds;
}

async function openAll(stores: readonly SharedStore[], nodes: StubNodes): Promise<OpenCluster[]> {
  const [first] = stores;
  if (first === undefined) throw new Error('There is no process');
  const [master] = NAMES.keys();
  const clock = systemClock();
  await initConfig({
    store: first,
    clock,
    cluster: newCluster({
      id: 'cluster-1',
      name: 'cluster.example.com',
      masterNode: master ?? ('' as NodeId),
      enabledHypervisors: ['fake'],
      fileStorageDir: '/srv/ganeti/file-storage',
      defaultAllocator: 'most-free',
    }),
    nodes: [...NAMES].map(([id, name]) =>
      newNode({ id, name, primaryIp: '192.0.2.1', groupId: GROUP }),
    ),
    groups: [newGroup({ id: GROUP, name: 'default' })],
  });
  const parts = {
    rpc: nodes,
    hooks: nodes,
    resolver: new StubResolver({}, []),
    hypervisors: [new StubHypervisor('fake')],
    allocators: [new MostFreeAllocator()],
    undoActions: instanceUndoActions,
    clock,
    ids: systemIds(),
  };
  const clusters: OpenCluster[] = [];
  for (const store of stores) clusters.push(await openCluster({ ...parts, store }));
  return clusters;
}

function requestOf(at: number, placementRung: PlacementRung): CreateOp {
  return {
    instanceName: `web${at}.example.com`,
    mode: 'create',
    diskTemplate: 'file',
    disks: [{ size: 1024 }],
    nics: [{}],
    osType: 'debian',
    ipCheck: false,
    nameCheck: false,
    placementRung,
  };
}
