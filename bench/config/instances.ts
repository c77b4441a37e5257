/**
 * Instances for the configuration's benchmark: any number of them, each with its own name,
 * addresses, port-free cards and disks.
 */
import { initConfig, openConfig, type ClusterConfig } from '../../src/config/cluster-config.js';
import type { Disk } from '../../src/model/disk.js';
import type { DiskId, GroupId, InstanceId, NicId, NodeId } from '../../src/model/ids.js';
import type { Instance } from '../../src/model/instance.js';
import { newCluster, newGroup, newNode } from '../../src/model/new-objects.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import { makeDisk, makeInstance } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

/** An instance with its disks. */
export interface Guest {
  readonly instance: Instance;
  readonly disks: readonly Disk[];
}

const NODE_COUNT = 20;
const ids = new SeededIds(11);
const nodeId = (n: number): NodeId => `node-${n % NODE_COUNT}` as NodeId;
const group = 'group-1' as GroupId;

/** The `n`th guest, with as many cards and disks as asked for. */
export function guest(n: number, parts: number): Guest {
  const id = ids.uuid() as InstanceId;
  const bare = makeInstance(`vm${n}.cluster.example.com`, nodeId(n), ids, { id });
  const disks = range(parts).map((index) => makeDisk(bare, index, ids));
  const nics = range(parts).map((index) => ({
    id: ids.uuid() as NicId,
    mac: macOf(n * 2 + index),
    params: { link: 'br0' },
  }));
  const diskIds: DiskId[] = disks.map((disk) => disk.id);
  const diskTemplate = parts > 0 ? 'file' : 'diskless';
  return { instance: { ...bare, nics, diskIds, diskTemplate, os: 'debian+minimal' }, disks };
}

/** A configuration that holds `count` guests with one card and one disk each. */
export async function clusterOf(count: number, store: KvStore): Promise<ClusterConfig> {
  const clock = new ManualClock();
  const guests = range(count).map((n) => guest(n, 1));
  await initConfig({
    store,
    clock,
    cluster: newCluster({ id: 'cluster-1', name: 'cluster.example.com', masterNode: nodeId(0) }),
    groups: [newGroup({ id: group, name: 'default' })],
    nodes: range(NODE_COUNT).map((n) =>
      newNode({ id: nodeId(n), name: `node${n}`, groupId: group, primaryIp: `192.0.2.${n + 1}` }),
    ),
    instances: guests.map(({ instance }) => instance),
    disks: guests.flatMap(({ disks }) => disks),
  });
  return openConfig({ store, clock, ids });
}

/** Adds a guest, in one commit. */
export function addGuest(config: ClusterConfig, { instance, disks }: Guest): Promise<void> {
  return config.commit('add', (draft) => {
    draft.add('instance', instance);
    for (const disk of disks) draft.add('disk', disk);
  });
}

/** Removes a guest, in one commit. */
export function removeGuest(config: ClusterConfig, { instance, disks }: Guest): Promise<void> {
  return config.commit('remove', (draft) => {
    draft.remove('instance', instance.id);
    for (const disk of disks) draft.remove('disk', disk.id);
  });
}

/** 0, 1, … `count` - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function macOf(n: number): string {
  const digits = (0x020000000000 + n).toString(16).padStart(12, '0');
  return digits.replace(/..(?=.)/g, '$&:');
}
