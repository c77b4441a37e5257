/**
 * The configuration's promises about commits.
 */
import assert from 'node:assert/strict';
import { Secret } from '../../model/secret.js';
import type { NodeId } from '../../model/ids.js';
import type { ConfigDraft, ConfigStore } from '../../ports/config-store.js';
import { makeDisk } from '../make.js';
import { SeededIds } from '../seeded-ids.js';
import { add, type Check, GROUP, instance, NETWORK, nic, NODE_1, NODE_2 } from './config-world.js';
import { fails } from './fails.js';

const MAC = 'aa:00:00:00:00:01';

const stamps: Check = async ({ config, clock }) => {
  const start = config.serial;
  await add(config, instance('web1', { serial: 99, createdAtMs: 5, modifiedAtMs: 6 }));
  const created = config.findInstance('web1');
  assert.deepEqual(
    [created?.serial, created?.createdAtMs, created?.modifiedAtMs],
    [1, clock.now(), clock.now()],
  );
  await config.commit('start', (draft) => {
    draft.update('instance', 'id-of-web1', (one) => void (one.adminState = 'up'));
    draft.update('instance', 'id-of-web1', (one) => void (one.serial = 7));
  });
  assert.equal(config.findInstance('web1')?.serial, 2, 'one commit, one number');
  assert.equal(config.findInstance('web1')?.adminState, 'up');
  await config.commit('nothing', (draft) =>
    draft.update('instance', 'id-of-web1', (one) => void (one.adminState = 'up')),
  );
  assert.equal(config.findInstance('web1')?.serial, 2, 'no change, no commit');
  assert.equal(config.serial, start + 2);
};

const unique: Check = async ({ config }) => {
  const ip = '203.0.113.9';
  await add(config, instance('web1', { nics: [nic(MAC, { ip })], networkPort: 11005 }));
  const cases: readonly (readonly [string, Parameters<typeof instance>])[] = [
    ['the id', ['web9', { id: instance('web1').id }]],
    ['the name', ['WEB1', {}]],
    ['the hardware address', ['web2', { nics: [nic(MAC.toUpperCase())] }]],
    ['the address', ['web2', { nics: [nic('aa:00:00:00:00:02', { ip })] }]],
    ['the port', ['web2', { networkPort: 11005 }]],
    ['an address twice', ['web2', { nics: [nic('aa:00:00:00:00:03'), nic('aa:00:00:00:00:03')] }]],
  ];
  for (const [what, [name, facts]] of cases) {
    const other = instance(name, facts);
    await assert.rejects(add(config, other), fails('not_unique'), what);
  }
  assert.equal(config.count('instance'), 1);
  await add(
    config,
    instance('web2', { nics: [nic('aa:00:00:00:00:04', { ip, networkId: NETWORK })] }),
  );
};

const handOver: Check = async ({ config }) => {
  await add(config, instance('web1', { nics: [nic(MAC)] }), instance('web2'));
  const give = (from: string, to: string) => (draft: ConfigDraft) => {
    draft.update('instance', to, (one) => void (one.nics = [nic(MAC)]));
    draft.update('instance', from, (one) => void (one.nics = []));
  };
  await config.commit('hand over', give('id-of-web1', 'id-of-web2'));
  assert.equal(config.holderOf('mac', MAC), 'id-of-web2');
  await config.commit('hand back', give('id-of-web2', 'id-of-web1'));
  assert.equal(config.holderOf('mac', MAC), 'id-of-web1');
  await config.commit('remove', (draft) => draft.remove('instance', 'id-of-web1'));
  assert.equal(config.holderOf('mac', MAC), undefined);
};

const atomic: Check = async ({ config }) => {
  await add(config, instance('web1', { nics: [nic(MAC)] }));
  const before = state(config);
  const broken: readonly (readonly [string, (draft: ConfigDraft) => void])[] = [
    ['unknown', (draft) => draft.remove('instance', 'gone')],
    ['unknown', (draft) => draft.update('node', 'gone', () => {})],
    ['not_unique', (draft) => draft.add('instance', instance('web3', { nics: [nic(MAC)] }))],
    ['ProgrammerError', (draft) => draft.update('node', NODE_1, (node) => void (node.id = NODE_2))],
  ];
  for (const [error, recipe] of broken) {
    const commit = config.commit('broken', (draft) => {
      draft.add('instance', instance('web2'));
      draft.updateCluster((cluster) => void (cluster.name = 'changed'));
      recipe(draft);
    });
    await assert.rejects(commit, fails(error));
    assert.deepEqual(state(config), before);
  }
  const own = new Error('own');
  const thrown = config.commit('throws', () => {
    throw own;
  });
  await assert.rejects(thrown, own);
  assert.deepEqual(state(config), before);
};

const references: Check = async ({ config }) => {
  const web1 = instance('web1');
  const disk = makeDisk(web1, 0, new SeededIds(3));
  const lost = { ...web1, primaryNode: 'gone' as NodeId };
  await assert.rejects(add(config, lost), fails('unknown'));
  await assert.rejects(add(config, { ...web1, diskIds: [disk.id] }), fails('unknown'));
  await config.commit('add', (draft) => {
    draft.add('instance', { ...web1, diskIds: [disk.id] });
    draft.add('disk', disk);
  });
  for (const [kind, id] of [
    ['node', NODE_1],
    ['group', GROUP],
    ['disk', disk.id],
    ['instance', web1.id],
  ] as const) {
    const removal = config.commit('remove', (draft) => draft.remove(kind, id));
    await assert.rejects(removal, fails('in_use'), kind);
  }
  await config.commit('remove both', (draft) => {
    draft.remove('instance', web1.id);
    draft.remove('disk', disk.id);
  });
  await config.commit('remove node', (draft) => draft.remove('node', NODE_2));
  assert.equal(config.count('node'), 1);
};

const ports: Check = async ({ config }) => {
  const pool = (): readonly number[] => [...config.cluster.portPool].sort((a, b) => a - b);
  await add(config, instance('web1', { networkPort: 11000 }));
  await add(config, instance('web2', { networkPort: 11003 }));
  assert.equal(config.cluster.highestUsedPort, 11003);
  assert.deepEqual(pool(), [11001, 11002], 'what was skipped can be used later');
  await add(config, instance('web3', { networkPort: 11001 }));
  await config.commit('remove', (draft) => draft.remove('instance', 'id-of-web1'));
  assert.deepEqual(pool(), [11000, 11002]);
  assert.equal(config.reservations('job').drawPort(), 11000);
  assert.equal(config.cluster.highestUsedPort, 11003);
};

const secrets: Check = async ({ config, reopen }) => {
  const marker = 'marker-of-a-secret';
  const osParamsPrivate = { password: new Secret(marker) };
  await add(config, instance('web1', { osParamsPrivate }));
  await config.commit('change', (draft) =>
    draft.updateCluster((cluster) => {
      cluster.osParamsPrivate = { debian: osParamsPrivate };
    }),
  );
  for (const reader of [config, await reopen()]) {
    const web1 = reader.findInstance('web1');
    assert.equal(web1?.osParamsPrivate['password']?.reveal(), marker);
    assert.equal(reader.cluster.osParamsPrivate['debian']?.['password']?.reveal(), marker);
    assert.equal(JSON.stringify([web1, reader.cluster]).includes(marker), false);
  }
};

const concurrent: Check = async ({ config, reopen }) => {
  await add(config, instance('web1', { tags: [] }));
  const tag = (n: number): Promise<void> =>
    config.commit(`tag ${n}`, (draft) =>
      draft.update('instance', 'id-of-web1', (one) => void (one.tags = [...one.tags, `${n}`])),
    );
  await Promise.all(Array.from({ length: 10 }, (_, n) => tag(n)));
  assert.deepEqual(
    config.findInstance('web1')?.tags,
    Array.from({ length: 10 }, (_, n) => `${n}`),
    'one after the other',
  );
  assert.deepEqual(state(await reopen()), state(config), 'what is in memory is what is kept');
};

/** All that a reader can see, but for its counter. */
function state(config: ConfigStore): unknown {
  const kinds = ['node', 'group', 'network', 'instance', 'disk'] as const;
  const byId = kinds.map((kind) => [...config.all(kind)].sort((a, b) => (a.id < b.id ? -1 : 1)));
  return { cluster: config.cluster, byId, mac: config.holderOf('mac', MAC) };
}

/** What those who commit are promised. */
export const COMMIT_CHECKS: Readonly<Record<string, Check>> = {
  'should keep serial numbers and times itself': stamps,
  'should refuse what two objects would share': unique,
  'should let an object take what another gives up in the same commit': handOver,
  'should change nothing when a commit fails': atomic,
  'should keep objects that others refer to': references,
  'should keep console ports in step with the instances': ports,
  'should keep secrets, and keep them secret': secrets,
  'should carry out commits one after the other': concurrent,
};
