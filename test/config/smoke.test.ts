/** A first look. */
import { expect, test } from 'vitest';
import { openConfig, initConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { newCluster, newGroup, newNode } from '../../src/model/new-objects.js';
import type { NodeId, GroupId, InstanceId } from '../../src/model/ids.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

test('smoke', async () => {
  const store = new MemoryKvStore();
  const clock = new ManualClock();
  const n1 = 'n1' as NodeId;
  const g1 = 'g1' as GroupId;
  await initConfig({ store, clock, cluster: newCluster({ id: 'c', name: 'c', masterNode: n1 }), nodes: [newNode({ id: n1, name: 'node1.example.com', groupId: g1, primaryIp: '192.0.2.1' })], groups: [newGroup({ id: g1, name: 'default' })] });
  const config = await openConfig({ store, clock, ids: new SeededIds(1) });
  const r = config.reservations('job1');
  const mac = r.drawMac();
  const port = r.drawPort();
  const before = config.snapshot();
  const add = (owner?: string) => config.commit('add', (d) => d.add('instance', {
    id: 'i1' as InstanceId, name: 'web1.example.com', primaryNode: n1, secondaryNodes: [], hypervisor: 'kvm', hvParams: {}, beParams: {}, osParams: {}, osParamsPrivate: {}, adminState: 'down', nics: [{ id: r.drawId() as never, mac, params: {} }], diskIds: [], diskTemplate: 'diskless', disksActive: false, networkPort: port, serial: 7, createdAtMs: 0, modifiedAtMs: 0, tags: [] }), owner === undefined ? {} : { owner });
  await expect(add()).rejects.toThrow(/reserved/);
  await expect(add('other')).rejects.toThrow(/reserved/);
  await add('job1');
  r.release();
  expect(config.findInstance('web1')?.serial).toBe(1);
  expect(config.cluster.highestUsedPort).toBe(port);
  expect(before.findInstance('web1')).toBeUndefined();
  expect(before.count('instance')).toBe(0);
  expect(config.holderOf('mac', mac.toUpperCase())).toBe('i1');
  const again = await openConfig({ store, clock, ids: new SeededIds(1) });
  expect(again.findInstance('WEB1')).toEqual(config.findInstance('web1'));
  expect(again.instancesOn(n1)).toHaveLength(1);
});
