/**
 * Random objects of the model, of every kind that Ganeti's form can tell.
 */
import fc, { type Arbitrary } from 'fast-check';
import { DISK_TEMPLATES, type DiskTemplate } from '../../../src/model/disk-template.js';
import type { Disk, DiskLocation, DiskPart } from '../../../src/model/disk.js';
import { HYPERVISOR_NAMES } from '../../../src/model/hypervisor.js';
import type { DiskId, InstanceId, NetworkId, NicId, NodeId } from '../../../src/model/ids.js';
import type { GroupId, Stored } from '../../../src/model/ids.js';
import type { Instance } from '../../../src/model/instance.js';
import { formatIpv4 } from '../../../src/model/ipv4.js';
import type { Network } from '../../../src/model/network.js';
import { type Nic, NIC_MODES } from '../../../src/model/nic.js';
import type { Node } from '../../../src/model/node.js';
import type { Params } from '../../../src/model/params.js';
import { Secret } from '../../../src/model/secret.js';

const id = <Id extends string>(): Arbitrary<Id> => fc.uuid() as Arbitrary<Id>;
const text = fc.string({ minLength: 1 });
const secret = text.map((value) => new Secret(value));
const name = fc.stringMatching(/^[a-z_+]{1,8}$/);
const count = fc.nat(100_000);

const params: Arbitrary<Params> = fc.dictionary(
  name,
  fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
);

/** Microseconds survive. */
const time = fc.integer({ min: 0, max: 4e15 }).map((microseconds) => microseconds / 1e3);

/** Serial 0 is that of objects which no configuration holds; these have no times. */
const stored: Arbitrary<Stored> = fc
  .record({
    serial: fc.nat(1000),
    createdAtMs: time,
    modifiedAtMs: time,
    tags: fc.uniqueArray(text, { maxLength: 3 }),
  })
  .map((stamp) => (stamp.serial > 0 ? stamp : { ...stamp, createdAtMs: 0, modifiedAtMs: 0 }));

/** Absent or there: never `undefined`. */
function some<T, K extends keyof T>(model: { [P in keyof T]: Arbitrary<T[P]> }, required: K[]) {
  return fc.record(model, { requiredKeys: required }) as Arbitrary<Partial<T> & Pick<T, K>>;
}

const filePlace: Arbitrary<DiskLocation> = fc.record({
  kind: fc.constant('file' as const),
  driver: fc.constantFrom('loop' as const, 'blktap' as const, 'blktap2' as const),
  path: text,
});

const volumePlace: Arbitrary<DiskLocation> = fc.record({
  kind: fc.constant('lvm' as const),
  volumeGroup: text,
  volume: text,
});

type OfDisk = Exclude<DiskTemplate, 'diskless'>;

const PLACES: Readonly<Record<OfDisk, Arbitrary<DiskLocation>>> = {
  file: filePlace,
  sharedfile: filePlace,
  gluster: filePlace,
  plain: volumePlace,
  blockdev: fc.record({ kind: fc.constant('blockdev' as const), path: text }),
  rbd: fc.record({ kind: fc.constant('rbd' as const), image: text }),
  ext: fc.record({ kind: fc.constant('ext' as const), provider: text, volume: text }),
  drbd: fc.record({
    kind: fc.constant('drbd' as const),
    nodes: fc.tuple(id<NodeId>(), id<NodeId>()),
    port: count,
    minors: fc.tuple(count, count),
    secret,
  }),
};

const template = fc.constantFrom(
  ...DISK_TEMPLATES.filter((known): known is OfDisk => known !== 'diskless'),
);

const data = (of: OfDisk): { [P in keyof DiskPart]: Arbitrary<DiskPart[P]> } => ({
  id: id<DiskId>(),
  template: fc.constant(of),
  sizeMib: count,
  location: PLACES[of],
  params,
  nodes: fc.array(id<NodeId>(), { maxLength: 2 }),
});

const part: Arbitrary<DiskPart> = template.chain((of) => fc.record(data(of)));

/** Any disk. */
export const disk: Arbitrary<Disk> = template.chain((of) =>
  fc
    .tuple(
      stored,
      fc.record({ ...data(of), instanceId: id<InstanceId>(), index: fc.nat(15) }),
      fc.record({ mode: fc.constantFrom('rw' as const, 'ro' as const) }),
      some<Required<Pick<Disk, 'name' | 'parts' | 'spindles' | 'forthcoming'>>, never>(
        {
          name: text,
          parts: fc.array(part, { minLength: 1, maxLength: 2 }),
          spindles: count,
          forthcoming: fc.constant(true as const),
        },
        [],
      ),
    )
    .map(([stamp, where, how, rest]) => ({ ...stamp, ...where, ...how, ...rest })),
);

const nicParams = some<Required<Nic['params']>, never>(
  { mode: fc.constantFrom(...NIC_MODES), link: text, vlan: text },
  [],
);

/** Any card. */
export const nic: Arbitrary<Nic> = some<Required<Nic>, 'id' | 'mac' | 'params'>(
  {
    id: id<NicId>(),
    name: text,
    mac: text,
    ip: text,
    networkId: id<NetworkId>(),
    params: nicParams,
  },
  ['id', 'mac', 'params'],
);

const beParams = some<Required<Instance['beParams']>, never>(
  {
    maxMemMib: count,
    minMemMib: count,
    vcpus: count,
    spindleUse: count,
    autoBalance: fc.boolean(),
    alwaysFailover: fc.boolean(),
  },
  [],
);

type Facts = Required<Omit<Instance, keyof Stored | 'secondaryNodes' | 'diskIds' | 'diskTemplate'>>;

const ALWAYS: (keyof Facts)[] = [
  'id',
  'name',
  'primaryNode',
  'hypervisor',
  'hvParams',
  'beParams',
  'osParams',
  'osParamsPrivate',
  'adminState',
  'nics',
  'disksActive',
];

/** Any instance with its disks: what follows from these fits them. */
export const withDisks: Arbitrary<{ instance: Instance; disks: readonly Disk[] }> = fc
  .tuple(
    fc.array(disk, { maxLength: 2 }),
    stored,
    some<Facts, keyof Facts>(
      {
        id: id<InstanceId>(),
        name,
        primaryNode: id<NodeId>(),
        os: text,
        hypervisor: fc.constantFrom(...HYPERVISOR_NAMES),
        hvParams: params,
        beParams,
        osParams: fc.dictionary(name, text),
        osParamsPrivate: fc.dictionary(name, secret),
        adminState: fc.constantFrom('up' as const, 'down' as const, 'offline' as const),
        adminStateSource: fc.constant('user' as const),
        nics: fc.array(nic, { maxLength: 2 }),
        disksActive: fc.boolean(),
        networkPort: count,
        forthcoming: fc.constant(true as const),
      },
      ALWAYS,
    ),
  )
  .map(([disks, stamp, facts]) => ({ instance: fitting(disks, stamp, facts), disks }));

function fitting(disks: readonly Disk[], stamp: Stored, facts: Facts): Instance {
  const mirrors = disks.map(({ location }) => location).filter(({ kind }) => kind === 'drbd');
  const ends = mirrors.flatMap((location) => (location.kind === 'drbd' ? location.nodes : []));
  return {
    ...stamp,
    ...facts,
    secondaryNodes: [...new Set(ends)],
    diskIds: disks.map((one) => one.id),
    diskTemplate: disks[0]?.template ?? 'diskless',
  };
}

/** Any node. */
export const node: Arbitrary<Node> = fc
  .tuple(
    stored,
    fc.record({
      id: id<NodeId>(),
      name,
      primaryIp: text,
      secondaryIp: text,
      groupId: id<GroupId>(),
      offline: fc.boolean(),
      drained: fc.boolean(),
      masterCandidate: fc.boolean(),
      masterCapable: fc.boolean(),
      vmCapable: fc.boolean(),
      ndParams: params,
    }),
  )
  .map(([stamp, facts]) => ({ ...stamp, ...facts }));

/** Any network, and the addresses that cards have in it. */
export const network: Arbitrary<{ network: Network; cardIps: readonly string[] }> = fc
  .tuple(
    stored,
    some<Required<Network>, 'id' | 'name'>(
      {
        id: id<NetworkId>(),
        name,
        gateway: text,
        cidr6: text,
        gateway6: text,
        macPrefix: text,
      } as { [P in keyof Network]-?: Arbitrary<Required<Network>[P]> },
      ['id', 'name'],
    ),
    fc.record({
      first: fc.nat(2 ** 16 - 1).map((high) => high * 2 ** 16),
      bits: fc.integer({ min: 20, max: 32 }),
      marks: fc.array(fc.constantFrom('card', 'stray', 'reserved', 'free'), { maxLength: 300 }),
    }),
  )
  .map(([stamp, facts, { first, bits, marks }]) => {
    const marked = marks
      .slice(0, 2 ** (32 - bits))
      .map((mark, at) => ({ mark, address: formatIpv4(first + at) }));
    const of = (wanted: string): string[] =>
      marked.filter(({ mark }) => mark === wanted).map(({ address }) => address);
    const strayIps = of('stray');
    return {
      cardIps: of('card'),
      network: {
        ...stamp,
        ...facts,
        cidr: `${formatIpv4(first)}/${bits}`,
        reservedIps: of('reserved'),
        ...(strayIps.length === 0 ? {} : { strayIps }),
      },
    };
  });
