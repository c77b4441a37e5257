/**
 * The configuration's promises to those who read it.
 */
import assert from 'node:assert/strict';
import { placeOf } from '../../model/disk.js';
import type { InstanceId, NodeId } from '../../model/ids.js';
import type { ConfigReader } from '../../ports/config-store.js';
import { makeDisk } from '../make.js';
import { SeededIds } from '../seeded-ids.js';
import { add, type Check, GROUP, instance, NETWORK, nic, NODE_1, NODE_2 } from './config-world.js';
import { fails } from './fails.js';

const lookups: Check = async ({ config }) => {
  await add(config, instance('web1.example.com'), instance('web2.a.example.com'));
  await add(config, instance('web2.b.example.com'), instance('plain'));

  const named = (name: string): string | undefined => config.findInstance(name)?.name;
  assert.equal(named('id-of-plain'), 'plain');
  assert.equal(named('WEB1.example.com'), 'web1.example.com');
  assert.equal(named('web1'), 'web1.example.com');
  assert.equal(named('web1.example'), 'web1.example.com');
  assert.equal(named('web2'), undefined, 'fits two');
  assert.equal(named('web2.a'), 'web2.a.example.com');
  assert.equal(named('web'), undefined, 'a part of a label is no short name');
  assert.equal(config.findNode('node2')?.id, NODE_2);
  assert.equal(config.findGroup('default')?.id, GROUP);
  assert.equal(config.findNetwork('lan')?.id, NETWORK);
  assert.equal(config.find('node', NODE_1), config.node(NODE_1));
  assert.equal(config.find('node', 'lan'), undefined);
  assert.throws(() => config.node('gone' as NodeId), fails('unknown_entity'));
  assert.throws(() => config.instance('gone' as InstanceId), fails('unknown_entity'));
};

const sets: Check = async ({ config }) => {
  const web1 = instance('web1', { secondaryNodes: [NODE_2] });
  await add(config, web1, instance('web2'));

  const names = (reader: ConfigReader, node: NodeId): string[] =>
    reader.instancesOn(node).map(({ name }) => name);
  assert.deepEqual(names(config, NODE_1).sort(), ['web1', 'web2']);
  assert.deepEqual(names(config, NODE_2), ['web1']);
  assert.deepEqual(
    config
      .nodesIn(GROUP)
      .map(({ id }) => id)
      .sort(),
    [NODE_1, NODE_2],
  );
  await config.commit('swap', (draft) =>
    draft.update('instance', web1.id, (one) => {
      one.primaryNode = NODE_2;
      one.secondaryNodes = [];
    }),
  );
  assert.deepEqual(names(config, NODE_1), ['web2']);
  assert.deepEqual(names(config, NODE_2), ['web1']);
  assert.equal([...config.all('instance')].length, 2);
  assert.equal(config.count('instance'), 2);
  assert.equal(config.count('node'), 2);
};

const disks: Check = async ({ config }) => {
  const ids = new SeededIds(5);
  const bare = instance('web1');
  const two = [makeDisk(bare, 0, ids), makeDisk(bare, 1, ids)] as const;
  const web1 = { ...bare, diskIds: [two[1].id, two[0].id] };
  await config.commit('add web1', (draft) => {
    for (const disk of two) draft.add('disk', disk);
    draft.add('instance', web1);
  });
  const order = config.disksOf(config.instance(web1.id)).map(({ index }) => index);
  assert.deepEqual(order, [1, 0], 'in the order of the instance, not of the disks');
  assert.equal(config.holderOf('volume', placeOf(two[0].location)), two[0].id);
};

const frozen: Check = async ({ config }) => {
  await add(config, instance('web1', { nics: [nic('aa:00:00:00:00:01')] }));
  const web1 = config.findInstance('web1');
  assert.ok(web1 !== undefined && Object.isFrozen(web1) && Object.isFrozen(web1.nics[0]?.params));
  assert.equal(config.findInstance('web1'), web1, 'the same object until it changes');
  assert.ok(Object.isFrozen(config.cluster) && Object.isFrozen(config.cluster.policy.minmax));
};

const snapshots: Check = async ({ config }) => {
  const mac = 'aa:00:00:00:00:01';
  const web1 = instance('web1.example.com', { nics: [nic(mac)] });
  await add(config, web1, instance('web2'));
  const before = config.snapshot();
  const [serial, old] = [config.serial, config.instance(web1.id)];

  await config.commit('change', (draft) => {
    draft.update('instance', web1.id, (one) => {
      one.adminState = 'up';
      one.nics = [];
    });
    draft.remove('instance', 'id-of-web2');
    draft.add('instance', instance('web3', { nics: [nic(mac)] }));
  });
  const between = config.snapshot();
  await config.commit('remove', (draft) => draft.remove('instance', web1.id));

  assert.equal(before.serial, serial);
  assert.equal(before.instance(web1.id), old);
  assert.equal(before.findInstance('web1'), old);
  assert.deepEqual([...before.all('instance')].map(({ name }) => name).sort(), [
    'web1.example.com',
    'web2',
  ]);
  assert.equal(before.count('instance'), 2);
  assert.equal(before.instancesOn(NODE_1).length, 2);
  assert.equal(before.holderOf('mac', mac), web1.id);
  assert.equal(between.holderOf('mac', mac), 'id-of-web3');
  assert.equal(between.findInstance('web1')?.adminState, 'up');
  assert.equal(before.snapshot().findInstance('web3'), undefined);
  assert.equal(config.findInstance('web1'), undefined);
  assert.equal(config.count('instance'), 1);
};

/** What readers are promised. */
export const READER_CHECKS: Readonly<Record<string, Check>> = {
  'should find objects by id, name and unambiguous short name': lookups,
  'should know which objects belong together': sets,
  "should give an instance's disks in order": disks,
  'should hand out frozen objects': frozen,
  'should show a snapshot as it was, whatever is committed later': snapshots,
};
