/**
 * What wanted network cards mean, before any node is known.
 */
import { expect, test } from 'vitest';
import { deviceNames } from '../../src/instance-create/args/device-names.js';
import {
  communicationCardName,
  readNicRequests,
  withCommunicationCard,
} from '../../src/instance-create/args/nic-requests.js';
import { computeNics, type NicFacts, type NicWish } from '../../src/instance-create/args/nics.js';
import { readVlan } from '../../src/instance-create/args/vlan.js';
import { withoutNicDefaults } from '../../src/instance-create/prereq/defaults.js';
import type { NetworkId } from '../../src/model/ids.js';
import type { NicParams } from '../../src/model/nic.js';

const BRIDGED: NicParams = { mode: 'bridged', link: 'br0', vlan: '' };
const LAN = 'id-of-lan' as NetworkId;

function facts(changes: Partial<NicFacts> = {}): NicFacts & { readonly claimed: string[] } {
  const claimed: string[] = [];
  return {
    defaults: BRIDGED,
    nameCheck: true,
    hostIp: '192.0.2.50',
    oddRequests: 'refused',
    findNetwork: (name) => (name === 'lan' || name === LAN ? { id: LAN } : undefined),
    claimMac: (mac) => void claimed.push(mac),
    claimed,
    ...changes,
  };
}

test.each([
  [undefined, undefined],
  ['', undefined],
  ['5', '.5'],
  ['.5', '.5'],
  ['.5:6:7', '.5:6:7'],
  [':5:6', ':5:6'],
  [':4094', ':4094'],
])('should read VLAN %s as %s', (given, vlan) => {
  expect(readVlan(given, 'refused')).toBe(vlan);
  expect(readVlan(given, 'accepted')).toBe(vlan);
});

test.each(['.', ':', '.x', ':x', '.1:', ':1:', '1:2', '.1.2', ' 5', '-5', '5 ', ':1.2'])(
  'should refuse VLAN %s',
  (given) => {
    expect(() => readVlan(given, 'refused')).toThrow(/VLAN/);
    expect(() => readVlan(given, 'accepted')).toThrow(/VLAN/);
  },
);

test.each(['0', '.4095', ':1:0'])('should refuse VLAN %s as odd', (given) => {
  expect(() => readVlan(given, 'refused')).toThrow(/out of range/);
  expect(readVlan(given, 'accepted')).toMatch(/^[.:]/);
});

test('should keep names of devices, and take none for no name', () => {
  expect(deviceNames('disk', ['a', undefined, 'NONE', 'none', '1a'])).toEqual([
    'a',
    undefined,
    undefined,
    undefined,
    '1a',
  ]);
});

test('should check names and VLANs of cards, and leave the rest as it is', () => {
  const read = readNicRequests(
    [
      { name: 'None', vlan: '9' },
      { name: 'x', ip: '?' },
    ],
    'refused',
  );
  expect(read).toEqual([{ vlan: '.9' }, { name: 'x', ip: '?' }]);
  const nine = Array.from({ length: 9 }, () => ({}));
  expect(() => readNicRequests(nine, 'refused')).toThrow(/9 network cards are too many/);
  expect(readNicRequests(nine, 'accepted')).toHaveLength(9);
});

test('should add the card by which an instance talks to its node, but only once', () => {
  const [first = {}, second = {}, ...others] = withCommunicationCard([{}], 'web1.a', 'talk');
  expect([first, second, others]).toEqual([
    {},
    { name: communicationCardName('web1.a'), mac: 'generate', ip: 'pool', network: 'talk' },
    [],
  ]);
  expect(withCommunicationCard([second], 'web1.a', 'talk')).toEqual([second]);
  const lost = withCommunicationCard([], 'web1.a', undefined);
  expect(() => computeNics(lost, facts())).toThrow(
    expect.objectContaining({ code: 'unknown_entity' }) as Error,
  );
});

test('should read cards as they were asked for, and no more', () => {
  const known = facts();
  const cards = computeNics(
    [
      {},
      { mode: 'auto', link: '', vlan: '', ip: 'NONE', network: 'none' },
      { bridge: 'br7', mac: 'AA:00:00:12:34:56', name: 'front' },
      { mode: 'openvswitch', link: 'sw', vlan: '.7', mac: 'generate', ip: '2001:DB8::7' },
      { mode: 'routed', ip: 'auto' },
      { network: 'lan', ip: 'POOL', vlan: '.3' },
      { network: LAN, ip: '10.0.0.9' },
    ],
    known,
  );
  expect(cards).toEqual([
    { mac: { kind: 'auto' }, ip: { kind: 'none' }, params: {} },
    { mac: { kind: 'auto' }, ip: { kind: 'none' }, params: { mode: 'bridged' } },
    {
      mac: { kind: 'given', address: 'aa:00:00:12:34:56' },
      ip: { kind: 'none' },
      params: { link: 'br7' },
      name: 'front',
    },
    {
      mac: { kind: 'generate' },
      ip: { kind: 'given', address: '2001:DB8::7' },
      params: { mode: 'openvswitch', link: 'sw', vlan: '.7' },
    },
    {
      mac: { kind: 'auto' },
      ip: { kind: 'given', address: '192.0.2.50' },
      params: { mode: 'routed' },
    },
    { mac: { kind: 'auto' }, ip: { kind: 'pool' }, networkId: LAN, params: { vlan: '.3' } },
    {
      mac: { kind: 'auto' },
      ip: { kind: 'given', address: '10.0.0.9' },
      networkId: LAN,
      params: {},
    },
  ]);
  expect(known.claimed).toEqual(['aa:00:00:12:34:56']);
});

test('should accept multicast hardware addresses, as Ganeti does', () => {
  expect(computeNics([{ mac: '01:00:5e:00:00:01' }], facts())).toHaveLength(1);
});

interface Refused {
  readonly nic: NicWish;
  readonly given?: Partial<NicFacts>;
  readonly error: { readonly code: string; readonly about?: string };
}

const input = { code: 'wrong_input' };
const card = { code: 'wrong_input', about: 'nic-parameters' };

test.each<Refused>([
  { nic: { network: 'lan', mode: 'auto' }, error: input },
  { nic: { network: 'lan', link: '' }, error: input },
  { nic: { network: 'wan' }, error: { code: 'unknown_entity' } },
  { nic: { network: '' }, error: { code: 'unknown_entity' } },
  { nic: { ip: 'pool' }, error: input },
  { nic: { ip: 'pool', network: 'NONE' }, error: input },
  { nic: { ip: '' }, error: input },
  { nic: { ip: '1.2.3' }, error: input },
  { nic: { ip: 'fe80::1%eth0' }, error: input },
  { nic: { ip: 'constructor' }, error: input },
  { nic: { ip: 'auto' }, given: { nameCheck: false }, error: input },
  { nic: { mode: 'routed' }, error: input },
  { nic: { mode: 'auto' }, given: { defaults: { ...BRIDGED, mode: 'routed' } }, error: input },
  { nic: { mac: '' }, error: input },
  { nic: { mac: 'aa-00-00-11-22-33' }, error: input },
  { nic: { mode: 'moonlit' }, error: card },
  { nic: { link: '' }, given: { defaults: { ...BRIDGED, link: '' } }, error: card },
  { nic: { mode: 'routed', ip: '10.0.0.1', vlan: '.5' }, error: input },
  { nic: { bridge: 'a', link: 'b' }, error: input },
  { nic: { bridge: 'a', mode: 'openvswitch' }, error: input },
])('should refuse a card like $nic', ({ nic, given, error }) => {
  expect(() => computeNics([nic], facts(given))).toThrow(expect.objectContaining(error) as Error);
});

test('should accept odd cards if that is asked for, and take no notice of a bridge', () => {
  const odd = facts({ oddRequests: 'accepted' });
  const cards = computeNics(
    [
      { mode: 'routed', ip: '10.0.0.1', vlan: '.5' },
      { mode: 'openvswitch', bridge: 'a', link: 'b' },
    ],
    odd,
  );
  expect(cards.map(({ params }) => params)).toEqual([
    { mode: 'routed', vlan: '.5' },
    { mode: 'openvswitch', link: 'b' },
  ]);
});

test('should tell the first mistake, card by card', () => {
  const taken = facts({
    claimMac: () => {
      throw Object.assign(new Error('taken'), { code: 'resource_not_unique' });
    },
  });
  const cards = [{ mac: 'aa:00:00:00:00:01' }, { ip: 'nonsense' }];
  expect(() => computeNics(cards, taken)).toThrow('taken');
  expect(() => computeNics([{ ...cards[0], ip: 'x' }], taken)).toThrow(/is no IP address/);
});

test('should leave a card without address when the name has none', () => {
  const { hostIp: _, ...unknown } = facts();
  expect(computeNics([{ ip: 'auto' }], unknown)).toMatchObject([{ ip: { kind: 'none' } }]);
});

test('should drop what the cluster hands down before a network is joined', () => {
  const wish = withoutNicDefaults({ mode: 'bridged', link: 'br0', network: 'lan' }, BRIDGED);
  expect(computeNics([wish], facts())).toMatchObject([{ networkId: LAN, params: {} }]);
  const auto = withoutNicDefaults({ mode: 'auto', link: 'br1' }, BRIDGED);
  expect(auto).toEqual({ mode: 'auto', link: 'br1' });
});
