/**
 * The configuration of a cluster with one node that is there, and one of which only the address is
 * known: what contract suites ask adapters about.
 */
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { systemClock, systemIds } from '../../src/local/index.js';
import type { GroupId, NodeId } from '../../src/model/ids.js';
import { newCluster, newGroup, newNode } from '../../src/model/new-objects.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import type { Bed } from './bed.js';

export const HERE = 'node-here' as NodeId;
export const STRANGER = 'node-elsewhere' as NodeId;

export async function configOf(bed: Bed): Promise<ConfigReader> {
  const store = new MemoryKvStore();
  const clock = systemClock();
  const group = newGroup({ id: 'g' as GroupId, name: 'default' });
  const facts = { groupId: group.id };
  await initConfig({
    store,
    clock,
    cluster: newCluster({ id: 'c', name: 'cluster.test', masterNode: HERE }),
    nodes: [
      newNode({ ...facts, id: HERE, name: 'node1.test', primaryIp: bed.node(1).address }),
      newNode({ ...facts, id: STRANGER, name: 'node9.test', primaryIp: '198.18.77.254' }),
    ],
    groups: [group],
  });
  return openConfig({ store, clock, ids: systemIds() });
}
