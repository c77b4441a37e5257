/**
 * The configuration's promises about claims that operations make while they plan.
 */
import assert from 'node:assert/strict';
import type { NetworkId } from '../../model/ids.js';
import type { Reservations } from '../../ports/config-store.js';
import { add, type Check, instance, NETWORK, nic, NODE_1, NODE_2 } from './config-world.js';
import { fails } from './fails.js';

const MAC = 'aa:00:00:00:00:01';

const exclusive: Check = async ({ config }) => {
  const claims = [
    ['mac', MAC, (r: Reservations) => r.mac(MAC)],
    ['ip', '/203.0.113.9', (r: Reservations) => r.ip('203.0.113.9')],
    ['ip', `${NETWORK}/198.51.100.4`, (r: Reservations) => r.ip('198.51.100.4', NETWORK)],
    ['volume', 'file:/srv/a', (r: Reservations) => r.volume('file:/srv/a')],
    ['name', 'web1', (r: Reservations) => r.name('web1')],
  ] as const;
  for (const [kind, value, claim] of claims) {
    const [mine, other] = [config.reservations('job-1'), config.reservations('job-2')];
    claim(mine);
    const code = kind === 'name' ? 'already_exists' : 'resource_not_unique';
    assert.equal(config.holderOf(kind, value), 'job-1');
    assert.throws(() => claim(other), fails(code));
    assert.throws(() => claim(mine), fails(code), 'not even for oneself twice');
    assert.deepEqual([mine.size, other.size], [1, 0]);
    mine.release();
    mine.release();
    assert.equal(config.holderOf(kind, value), undefined);
    claim(other);
    other.release();
  }
};

const committing: Check = async ({ config }) => {
  const mine = config.reservations('job-1');
  mine.mac(MAC);
  mine.name('web1');
  const web1 = instance('web1', { nics: [nic(MAC)] });
  const commit = (owner?: string): Promise<void> =>
    config.commit(
      'add',
      (draft) => draft.add('instance', web1),
      owner === undefined ? {} : { owner },
    );
  await assert.rejects(commit(), fails('not_unique'));
  await assert.rejects(commit('job-2'), fails('not_unique'));
  await commit('job-1');
  assert.equal(config.holderOf('mac', MAC), web1.id);
  mine.release();
  assert.equal(config.holderOf('mac', MAC), web1.id, 'what was committed stays taken');
  assert.throws(() => config.reservations('job-1').name('web1'), fails('already_exists'));
};

const publishing: Check = async ({ config }) => {
  const mine = config.reservations('job-1');
  mine.mac(MAC);
  assert.equal(await mine.publish(), undefined);
  assert.equal(config.holderOf('mac', MAC), 'job-1');
  assert.throws(() => config.reservations('job-2').mac(MAC), fails('resource_not_unique'));
  mine.release();
  await config.dropClaims('job-1');
  await config.dropClaims('job-1');
  assert.deepEqual(config.claimants(), []);
  assert.equal(config.holderOf('mac', MAC), undefined);
};

const addresses: Check = async ({ config }) => {
  const [mine, other] = [config.reservations('job-1'), config.reservations('job-2')];
  assert.equal(mine.drawIp(NETWORK), '198.51.100.2', 'the lowest that is neither kept nor taken');
  assert.equal(other.drawIp(NETWORK), '198.51.100.4');
  assert.throws(() => other.drawIp(NETWORK), fails('insufficient_resources'));
  mine.release();
  assert.equal(other.drawIp(NETWORK), '198.51.100.2');
  other.release();
  const next = config.reservations('job-3');
  assert.throws(() => next.ip('198.51.101.2', NETWORK), fails('wrong_input'));
  assert.throws(() => next.ip('198.51.100.3', NETWORK), fails('resource_not_unique'));
  assert.throws(() => next.ip('198.51.100.1', NETWORK), fails('resource_not_unique'));
  assert.throws(() => next.ip('198.51.100.7', NETWORK), fails('resource_not_unique'));
  assert.throws(() => next.ip('web1'), fails('wrong_input'));
  assert.throws(() => next.drawIp('gone' as NetworkId), fails('unknown_entity'));
  await add(
    config,
    instance('a', { nics: [nic(MAC, { ip: '198.51.100.2', networkId: NETWORK })] }),
  );
  assert.equal(next.drawIp(NETWORK), '198.51.100.4');
};

const changedNetwork: Check = async ({ config }) => {
  const mine = config.reservations('job-1');
  assert.deepEqual([mine.drawIp(NETWORK), mine.drawIp(NETWORK)], ['198.51.100.2', '198.51.100.4']);
  await config.commit('free one', (draft) =>
    draft.update('network', NETWORK, (network) => {
      network.reservedIps = ['198.51.100.0', '198.51.100.1', '198.51.100.5', '198.51.100.7'];
    }),
  );
  assert.deepEqual([mine.drawIp(NETWORK), mine.drawIp(NETWORK)], ['198.51.100.3', '198.51.100.6']);
};

const oneSpelling: Check = async ({ config }) => {
  config.reservations('job-1').ip('2001:DB8:0::1');
  const other = config.reservations('job-2');
  assert.throws(() => other.ip('2001:db8::0:1'), fails('resource_not_unique'));
  config.reservations('job-1').mac(MAC.toUpperCase());
  assert.throws(() => other.mac(MAC), fails('resource_not_unique'));
};

const hardware: Check = async ({ config }) => {
  const mine = config.reservations('job-1');
  const drawn = Array.from({ length: 50 }, () => mine.drawMac());
  assert.equal(new Set(drawn).size, 50);
  for (const mac of drawn) assert.match(mac, /^aa:00:00(:[0-9a-f]{2}){3}$/);
  assert.match(mine.drawMac('AA:00:01'), /^aa:00:01:/);
  assert.throws(() => mine.drawMac('aa:00'), fails('wrong_input'));
  for (const mac of ['', 'aa:00:00:00:00', 'aa:00:00:00:00:0g', 'aa-00-00-00-00-01']) {
    assert.throws(() => mine.mac(mac), fails('wrong_input'));
  }
};

const numbers: Check = async ({ config }) => {
  const [mine, other] = [config.reservations('job-1'), config.reservations('job-2')];
  assert.deepEqual([mine.drawPort(), other.drawPort(), mine.drawPort()], [11000, 11001, 11002]);
  other.release();
  const next = config.reservations('job-3');
  assert.equal(mine.drawPort(), 11001);
  const minors = [mine.drawMinor(NODE_1), next.drawMinor(NODE_1), next.drawMinor(NODE_2)];
  assert.deepEqual(minors, [0, 1, 0]);
  assert.notEqual(mine.drawId(), mine.drawId());
};

const noPorts: Check = async ({ config }) => {
  await config.commit('use up', (draft) =>
    draft.updateCluster((cluster) => {
      cluster.portPool = [12000];
      cluster.highestUsedPort = 14999;
    }),
  );
  const mine = config.reservations('job-1');
  assert.equal(mine.drawPort(), 12000);
  assert.throws(() => mine.drawPort(), fails('insufficient_resources'));
};

const whileCommitting: Check = async ({ config }) => {
  // However far the commit has come: either it fails or the claim does, and never both or none.
  for (let turns = 0; turns < 24; turns++) {
    const mac = `aa:00:00:00:01:${turns.toString().padStart(2, '0')}`;
    const committed = succeeds(add(config, instance(`web${turns}`, { nics: [nic(mac)] })));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const late = config.reservations('job-2');
    const claimed = succeeds((async () => late.mac(mac))());
    assert.notEqual(await committed, await claimed, `one of both, after ${turns} turns`);
    late.release();
  }
};

async function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** What those who plan are promised. */
export const RESERVATION_CHECKS: Readonly<Record<string, Check>> = {
  'should keep a claimed value from everybody else': exclusive,
  'should let only the claimer commit what is claimed': committing,
  'should publish claims, and take them back': publishing,
  'should draw the lowest free address of a network': addresses,
  'given a network that changes, should draw from what it is now': changedNetwork,
  'should know values in any spelling': oneSpelling,
  'should draw hardware addresses that are free': hardware,
  'should draw the lowest free port and minor': numbers,
  'given no free port, should say so': noPorts,
  'given a commit under way, should not let its values be claimed': whileCommitting,
};
