import { expect, test } from 'vitest';
import type { PrereqCode } from '../../src/errors.js';
import { fakeHypervisor } from '../../src/hypervisors/fake.js';
import { kvmHypervisor } from '../../src/hypervisors/kvm.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import type { GroupId, NetworkId } from '../../src/model/ids.js';
import type { Network } from '../../src/model/network.js';
import { Secret } from '../../src/model/secret.js';
import type { OsFacts } from '../../src/ports/node-facts.js';
import { answered } from '../../src/ports/reply.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestClusterOptions } from '../../src/testing/test-cluster.js';
import { create, openCluster, placedRequest, request } from './support.js';

interface Refusal {
  readonly op: Partial<CreateOp>;
  /** Nodes are chosen by an allocator. */
  readonly placed?: true;
  readonly code: PrereqCode;
  readonly says: RegExp;
  readonly on?: TestClusterOptions;
}

/** Requests as they may come from a file: of any shape. */
const MALFORMED: readonly { readonly op: unknown; readonly says: RegExp }[] = [
  { op: null, says: /the request: .*expected object/ },
  { op: 'web1', says: /the request: .*expected object/ },
  { op: {}, says: /instanceName: .*; mode: .*; disks: .*; nics: / },
  { op: { ...request(), colour: 'red' }, says: /the request has no field 'colour'; remove it/ },
  { op: { ...request(), disks: [{ size: 1, lv: 'x' }] }, says: /disks\.0 has no field 'lv'/ },
  { op: { ...request(), nics: [{ ip6: '::1' }] }, says: /nics\.0 has no field 'ip6'/ },
  { op: { ...request(), disks: [{ size: true }] }, says: /disks\.0\.size: a number of MiB or a/ },
  { op: { ...request(), nics: [{ vlan: 5 }] }, says: /nics\.0\.vlan: .*expected string/ },
  { op: { ...request(), start: 'yes' }, says: /start: .*expected boolean/ },
  { op: { ...request(), diskTemplate: 'cloud' }, says: /diskTemplate/ },
  { op: { ...request(), fileDriver: 'magic' }, says: /fileDriver/ },
  { op: { ...request(), hypervisor: 'auto' }, says: /hypervisor/ },
  { op: { ...request(), tags: [''] }, says: /tags\.0: must not be empty/ },
  { op: { ...request(), instanceName: '' }, says: /instanceName: must not be empty/ },
  { op: { ...request(), osParamsSecret: { key: 7 } }, says: /osParamsSecret\.key: text is wanted/ },
  { op: { ...request(), beParams: { vcpus: [] } }, says: /beParams\.vcpus: text, a number, true/ },
];

test.each(MALFORMED)(
  'given a malformed request ($says), when it is run, then it is refused',
  async ({ op, says }) => {
    const cluster = await openCluster();
    const run = create(cluster, op as CreateOp);
    await expect(run).rejects.toMatchObject({ code: 'wrong_input' });
    await expect(run).rejects.toThrow(says);
    expect(cluster.transcript).toEqual([]);
  },
);

const web1 = { instances: [{ name: 'web1.example.com' }] };
const real = { hypervisors: [fakeHypervisor(), kvmHypervisor()] };
const withVariants = (...variants: readonly string[]): OsFacts => ({
  name: 'debian',
  apiVersions: [20],
  variants,
  parameters: [],
  trusted: true,
});
const small = POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
  min,
  max: { ...max, memorySizeMib: 512, cpuCount: 2, diskCount: 1, diskSizeMib: 2048, spindleUse: 1 },
}));
const strict = { cluster: { policy: { ...POLICY_DEFAULTS, minmax: small } } };
const net: Network = {
  id: 'net-1' as NetworkId,
  name: 'lan',
  cidr: '192.0.2.0/24',
  reservedIps: [],
  tags: [],
  serial: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
};
const lan = {
  networks: [net],
  groups: [
    {
      id: 'group-lan' as GroupId,
      name: 'lan-group',
      networks: { [net.id]: { mode: 'bridged' as const, link: 'br0', vlan: '' } },
    },
  ],
  nodes: [{ name: 'node1', groupId: 'group-lan' as GroupId }, { name: 'node2' }],
};
const nodes = (facts: object): TestClusterOptions => ({
  nodes: [{ name: 'node2' }, { name: 'node1', ...facts }],
});

const REFUSALS: readonly Refusal[] = [
  // Where an instance comes from.
  {
    op: { mode: 'import' },
    code: 'wrong_state',
    says: /Exports cannot be read here; set exportFormat/,
  },
  { op: { mode: 'remote-import' }, code: 'wrong_state', says: /secret/ },
  { op: { forthcoming: true, commit: true }, code: 'wrong_input', says: /ask for one of them/ },
  { op: { commit: true }, code: 'wrong_input', says: /'web1\.example\.com' is unknown; reserve/ },
  { op: { compress: 'rot13' }, code: 'wrong_input', says: /does not allow 'rot13'/ },
  {
    op: { osParams: { 'os-image': 'x' } },
    code: 'wrong_input',
    says: /'x' is neither an absolute path nor a URL/,
  },
  // Storage.
  {
    op: { disks: [{ size: 1, adopt: 'x' }] },
    code: 'wrong_input',
    says: /Disks of 'file' cannot be taken over/,
  },
  {
    op: { disks: [{ adopt: 'x' }, { size: 1 }], diskTemplate: 'plain' },
    on: { cluster: { enabledDiskTemplates: ['plain'], volumeGroup: 'xenvg' } },
    code: 'wrong_input',
    says: /Some disks have 'adopt', others not/,
  },
  {
    op: { diskTemplate: 'plain' },
    on: { cluster: { enabledDiskTemplates: ['plain'] } },
    code: 'wrong_state',
    says: /Disks of 'plain' are volumes, but the cluster has no volume group/,
  },
  {
    op: { diskTemplate: 'drbd' },
    on: { cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' } },
    code: 'wrong_input',
    says: /need a second node; give an snode/,
  },
  {
    op: { diskTemplate: 'drbd', snode: 'node1' },
    on: { cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' } },
    code: 'wrong_input',
    says: /cannot be both primary and secondary node/,
  },
  {
    op: { diskTemplate: 'ext' },
    on: { cluster: { enabledDiskTemplates: ['ext'] } },
    code: 'wrong_input',
    says: /provider/,
  },
  { op: { nics: [{ network: 'lan' }] }, code: 'unknown_entity', says: /lan/ },
  // Names.
  { op: { instanceName: 'web 1!' }, code: 'wrong_input', says: /'web 1!' is no host name/ },
  { op: { instanceName: '..' }, code: 'wrong_input', says: /is no host name/ },
  { op: { instanceName: '.web1' }, code: 'wrong_input', says: /is no host name/ },
  { op: { instanceName: 'a/../b' }, code: 'wrong_input', says: /is no host name/ },
  { op: { instanceName: 'x'.repeat(256) }, code: 'wrong_input', says: /is no host name/ },
  { op: { ipCheck: true }, code: 'wrong_input', says: /ipCheck needs the address that nameCheck/ },
  {
    op: { instanceName: 'nope.example.com', nameCheck: true },
    code: 'resolver_error',
    says: /nope\.example\.com/,
  },
  {
    op: { nameCheck: true, ipCheck: true },
    on: { answering: ['192.0.2.50'] },
    code: 'resource_not_unique',
    says: /Something answers at 192\.0\.2\.50, the address of web1\.example\.com/,
  },
  { op: {}, on: web1, code: 'already_exists', says: /'web1\.example\.com' exists already; remove/ },
  { op: { instanceName: 'WEB1.example.com' }, on: web1, code: 'already_exists', says: /exists/ },
  {
    op: { instanceName: 'web1', nameCheck: true },
    on: web1,
    code: 'already_exists',
    says: /exists already/,
  },
  // Nodes and allocators.
  { op: { pnode: 'node9' }, code: 'unknown_entity', says: /Node 'node9' is unknown/ },
  { op: { iallocator: 'most-free' }, code: 'wrong_input', says: /Both pnode and iallocator/ },
  { op: { opportunisticLocking: true }, code: 'wrong_input', says: /is for allocators/ },
  {
    op: {},
    placed: true,
    on: { cluster: {}, allocators: [] },
    code: 'wrong_input',
    says: /Allocator 'most-free' is not set up here/,
  },
  { op: { iallocator: 'hail' }, placed: true, code: 'wrong_input', says: /Allocator 'hail'/ },
  {
    op: { groupName: 'far' },
    placed: true,
    code: 'insufficient_resources',
    says: /there is no group 'far'/,
  },
  { op: {}, on: nodes({ offline: true }), code: 'wrong_state', says: /'node1' is marked offline/ },
  { op: {}, on: nodes({ drained: true }), code: 'wrong_state', says: /'node1' is drained/ },
  { op: {}, on: nodes({ vmCapable: false }), code: 'wrong_state', says: /may not run instances/ },
  // Disks.
  { op: { disks: [{ size: 0 }] }, code: 'wrong_input', says: /Disk 0: '0' is no size/ },
  { op: { disks: [{ size: -5 }] }, code: 'wrong_input', says: /Disk 0: '-5' is no size/ },
  { op: { disks: [{}] }, code: 'wrong_input', says: /Disk 0/ },
  { op: { disks: [{ size: 1, mode: 'x' }] }, code: 'wrong_input', says: /Disk 0: 'x'/ },
  { op: { disks: [{ size: 'abc' }] }, code: 'wrong_input', says: /'abc' is no size; give MiB/ },
  {
    op: { disks: Array(17).fill({ size: 1 }) },
    code: 'wrong_input',
    says: /17 disks are too many/,
  },
  { op: { disks: [{ size: 1, name: '7' }] }, code: 'wrong_input', says: /cannot be called '7'/ },
  {
    op: {
      disks: [
        { size: 1, name: 'a' },
        { size: 1, name: 'a' },
      ],
    },
    code: 'resource_not_unique',
    says: /Two of the disks are called 'a'/,
  },
  {
    op: { diskTemplate: 'drbd' },
    code: 'wrong_state',
    says: /'drbd' is not enabled; choose one of: file, sharedfile, diskless/,
  },
  { op: { fileStorageDir: '/abs' }, code: 'wrong_input', says: /'\/abs' is no directory below/ },
  { op: { fileStorageDir: 'a/../../b' }, code: 'wrong_input', says: /is no directory below/ },
  { op: { fileStorageDir: 'a//b' }, code: 'wrong_input', says: /is no directory below/ },
  {
    op: { disks: [{ size: '2t' }] },
    code: 'insufficient_resources',
    says: /need 2097152 MiB, but \/srv\/ganeti\/file-storage on node1 has 524288 MiB free/,
  },
  // Network cards.
  { op: { nics: [{ mode: 'magic' }] }, code: 'wrong_input', says: /'magic'/ },
  { op: { nics: Array(9).fill({}) }, code: 'wrong_input', says: /9 network cards are too many/ },
  {
    op: { nics: [{ mac: 'zz:00' }] },
    code: 'wrong_input',
    says: /Network card 0: 'zz:00' is no h/,
  },
  { op: { nics: [{ mac: '' }] }, code: 'wrong_input', says: /is no hardware address/ },
  {
    op: { nics: [{ mac: 'aa:00:00:01:02:03' }, { mac: 'AA:00:00:01:02:03' }] },
    code: 'resource_not_unique',
    says: /aa:00:00:01:02:03/i,
  },
  { op: { nics: [{ ip: '1.2.3' }] }, code: 'wrong_input', says: /'1\.2\.3' is no IP address/ },
  { op: { nics: [{ ip: 'fe80::1%eth0' }] }, code: 'wrong_input', says: /is no IP address/ },
  { op: { nics: [{ ip: 'auto' }] }, code: 'wrong_input', says: /nameCheck is off; turn it on/ },
  {
    op: { nics: [{ ip: 'pool' }] },
    code: 'wrong_input',
    says: /from a pool, but is in no network/,
  },
  {
    op: { nics: [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }] },
    code: 'resource_not_unique',
    says: /10\.0\.0\.1/,
  },
  { op: { nics: [{ ip: '192.0.2.9' }] }, on: lan, code: 'wrong_state', says: /network lan/ },
  { op: { nics: [{ mode: 'routed' }] }, code: 'wrong_input', says: /routed, so it needs an addr/ },
  {
    op: { nics: [{}] },
    on: { cluster: { nicParams: { mode: 'bridged', link: '', vlan: '' } } },
    code: 'wrong_input',
    says: /bridged, so it needs a bridge/,
  },
  {
    op: { nics: [{ bridge: 'br1', link: 'br2' }] },
    code: 'wrong_input',
    says: /both link 'br2' and bridge 'br1'/,
  },
  {
    op: { nics: [{ mode: 'openvswitch', bridge: 'br1' }] },
    code: 'wrong_input',
    says: /openvswitch, so it has no bridge/,
  },
  { op: { nics: [{ link: 'br9' }] }, code: 'environment_error', says: /bridge br9 is missing/ },
  { op: { nics: [{ vlan: 'blue' }] }, code: 'wrong_input', says: /'blue' is no VLAN/ },
  {
    op: { nics: [{ mode: 'routed', ip: '10.0.0.1', vlan: '5' }] },
    code: 'wrong_input',
    says: /VLAN '5' on a routed network card/,
  },
  { op: { nics: [{ name: '12' }] }, code: 'wrong_input', says: /cannot be called '12'/ },
  {
    op: { nics: [{ name: 'a' }, { name: 'a' }] },
    code: 'resource_not_unique',
    says: /Two of the network cards are called 'a'/,
  },
  // Hypervisors and their parameters.
  { op: { hypervisor: 'lxc' }, code: 'wrong_state', says: /'lxc' is not enabled; choose one of/ },
  {
    op: { hypervisor: 'lxc' },
    on: { cluster: { enabledHypervisors: ['lxc'] } },
    code: 'wrong_input',
    says: /'lxc' is not set up here/,
  },
  { op: { hvParams: { foo: 1 } }, code: 'wrong_input', says: /foo is unknown to hypervisor fake/ },
  { op: { hvParams: { toString: 1 } }, code: 'wrong_input', says: /toString is unknown to/ },
  {
    op: { hypervisor: 'kvm', hvParams: { acpi: 'maybe' } },
    code: 'wrong_input',
    says: /acpi of hypervisor kvm: 'maybe' is not of type bool/,
  },
  {
    op: { hypervisor: 'kvm', hvParams: { migration_port: 9999 } },
    code: 'wrong_input',
    says: /migration_port: set for the whole cluster/,
  },
  {
    op: { hypervisor: 'kvm', hvParams: { boot_order: 'moon' } },
    on: real,
    code: 'wrong_input',
    says: /boot_order/,
  },
  // Backend parameters.
  { op: { beParams: { cores: 2 } }, code: 'wrong_input', says: /cores is unknown to the backend/ },
  { op: { beParams: { vcpus: 'two' } }, code: 'wrong_input', says: /'two' is not of type int/ },
  {
    op: { beParams: { vcpus: -1 } },
    code: 'wrong_input',
    says: /vcpus of the backend: -1 is below/,
  },
  {
    op: { beParams: { minMemMib: 512, maxMemMib: 128 } },
    code: 'wrong_input',
    says: /minMemMib 512 is above maxMemMib 128/,
  },
  {
    op: { beParams: { minMemMib: '1g' } },
    code: 'wrong_input',
    says: /minMemMib 1024 is above maxMemMib 128/,
  },
  {
    op: { beParams: { memoryMib: 32768 + 1 }, ignoreIpolicy: true },
    code: 'insufficient_resources',
    says: /needs 32772 MiB of memory, but node1 has 32768 MiB free/,
  },
  // The operating system.
  { op: { osType: '../x' }, code: 'wrong_input', says: /'\.\.\/x' is no OS definition/ },
  { op: { osType: '+x' }, code: 'wrong_input', says: /'\+x' is no OS definition/ },
  { op: { osType: 'gentoo' }, code: 'unknown_entity', says: /Node node1 has no OS 'gentoo'/ },
  {
    op: { osType: 'debian+nope' },
    on: { nodeState: { osDefinitions: new Map([['debian', withVariants('minimal')]]) } },
    code: 'wrong_input',
    says: /Node node1 does not accept OS 'debian\+nope': OS 'debian' has no variant 'nope'/,
  },
  {
    op: {},
    on: { cluster: { blacklistedOs: ['debian'] } },
    code: 'wrong_state',
    says: /OS 'debian' may not be installed/,
  },
  {
    op: { osParams: { a: '1' }, osParamsPrivate: { a: '2' } },
    code: 'wrong_input',
    says: /OS parameter a is both public and private/,
  },
  {
    op: { osParamsSecret: { a: '1' } },
    on: { cluster: { osParamsPrivate: { debian: { a: new Secret('2') } } } },
    code: 'wrong_input',
    says: /OS parameter a is both private and secret/,
  },
  { op: { osParams: { a: 1 } }, code: 'wrong_input', says: /OS parameter a is no text/ },
  // Labels.
  { op: { tags: ['bad tag'] }, code: 'wrong_input', says: /'bad tag' is no tag/ },
  { op: { tags: ['a\n'] }, code: 'wrong_input', says: /is no tag/ },
  { op: { tags: ['x'.repeat(129)] }, code: 'wrong_input', says: /too long; 128 characters/ },
  {
    op: { tags: Array.from({ length: 4097 }, (_, at) => `t${at}`) },
    code: 'wrong_input',
    says: /4097 tags are too many/,
  },
  // The policy.
  {
    op: {
      beParams: { memoryMib: 1024, vcpus: 3 },
      disks: [{ size: 64 }, { size: '4g' }],
      nics: [],
    },
    on: strict,
    code: 'wrong_input',
    says: /group default forbids.*memory in MiB is 1024, allowed are 128 to 512; number of proc.* 3, .*cards is 0, .*disk 0 in MiB is 64, .*disk 1 in MiB is 4096, .*number of disks is 2/,
  },
  {
    op: {},
    on: { cluster: { policy: { ...POLICY_DEFAULTS, diskTemplates: ['plain', 'drbd'] } } },
    code: 'wrong_input',
    says: /disk template file is not among plain, drbd/,
  },
  {
    op: { disks: [] },
    on: { cluster: { policy: { ...POLICY_DEFAULTS, diskTemplates: ['file'] } } },
    code: 'wrong_input',
    says: /disk template diskless is not among file/,
  },
];

test.each(REFUSALS)(
  'given a request with a fault, when it is run, then it is refused: $says',
  async ({ op, placed, code, says, on }) => {
    const cluster = await openCluster(on);
    const before = await contents(cluster);
    const run = create(cluster, placed === true ? placedRequest(op) : request(op));
    await expect(run).rejects.toThrow(says);
    await expect(run).rejects.toMatchObject({ name: 'PrereqError', kind: 'prereq', code });
    expect(await cluster.leftovers()).toEqual([]);
    expect(await contents(cluster)).toEqual(before);
  },
);

async function contents(cluster: Awaited<ReturnType<typeof openCluster>>): Promise<unknown> {
  return (await cluster.store.range('')).entries;
}

test('given a request without an OS, when it is run, then it says to name one', async () => {
  const { osType: _, ...op } = request();
  const run = create(await openCluster(), op);
  await expect(run).rejects.toMatchObject({ code: 'wrong_input' });
  await expect(run).rejects.toThrow('give an osType');
});

test('given no default allocator, when neither node nor allocator is given, then it says so', async () => {
  const cluster = await openCluster();
  await cluster.config.commit('none', (draft) =>
    draft.updateCluster((settings) => void delete settings.defaultAllocator),
  );
  for (const op of [placedRequest(), placedRequest({ iallocator: '.' })]) {
    const run = create(cluster, op);
    await expect(run).rejects.toMatchObject({ code: 'wrong_input' });
    await expect(run).rejects.toThrow('no default allocator; give pnode');
  }
});

test('given an untrusted OS, when its script would run, then it is refused before anything is made', async () => {
  const cluster = await openCluster();
  const { osDefinitions } = cluster.nodes.state(nodeIdOf('node1'));
  const debian = osDefinitions.get('debian');
  if (debian !== undefined) osDefinitions.set('debian', { ...debian, trusted: false });
  const run = create(cluster, request());
  await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
  await expect(run).rejects.toThrow('the cluster has no image for a helper machine');
  expect(await create(cluster, request({ noInstall: true }))).toEqual(['node1']);
});

test('given a variant that is not listed, when it is forced, then the instance is created', async () => {
  const osDefinitions = new Map([['debian', withVariants('minimal')]]);
  const cluster = await openCluster({ nodeState: { osDefinitions } });
  const op = request({ osType: 'debian+nope', forceVariant: true });
  expect(await create(cluster, op)).toEqual(['node1']);
});

test.each([
  ['enabledDiskTemplates', 'The cluster enables no disk template; enable one'],
  ['enabledHypervisors', 'The cluster enables no hypervisor; enable one'],
] as const)(
  'given no %s at all, when an instance is created, then it says so',
  async (field, says) => {
    const cluster = await openCluster({ cluster: { [field]: [] } });
    const { diskTemplate: _, ...op } = request({ disks: [], start: false });
    const run = create(cluster, op);
    await expect(run).rejects.toMatchObject({ code: 'wrong_state' });
    await expect(run).rejects.toThrow(says);
  },
);

test('given nodes by UUID alone, when an instance is created, then those are meant', async () => {
  const cluster = await openCluster();
  const { pnode: _, ...op } = request({ pnodeUuid: nodeIdOf('node2') });
  expect(await create(cluster, op)).toEqual(['node2']);
  const unknown = create(cluster, { ...op, instanceName: 'web2', pnodeUuid: 'id-of-none' });
  await expect(unknown).rejects.toMatchObject({ code: 'unknown_entity' });
  await expect(unknown).rejects.toThrow("Node 'id-of-none' is unknown");
});

test('given a node that takes an OS but has none, when it is looked up, then it is refused', async () => {
  const cluster = await openCluster();
  Object.assign(cluster.nodes, { findOs: () => Promise.resolve(answered(undefined)) });
  const run = create(cluster, request());
  await expect(run).rejects.toMatchObject({ code: 'unknown_entity' });
  await expect(run).rejects.toThrow("Node node1 has no usable OS 'debian'");
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a node that gives no answer, when parameters are checked, then it is refused', async () => {
  const cluster = await openCluster();
  Object.assign(cluster.nodes, { validateHypervisor: () => Promise.resolve(new Map()) });
  const run = create(cluster, request());
  await expect(run).rejects.toMatchObject({ code: 'environment_error' });
  await expect(run).rejects.toThrow('does not accept the parameters of fake: no answer');
});

test('given a mirror node that is away, when hypervisors are asked, then its silence is no refusal', async () => {
  const cluster = await openCluster({
    cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' },
  });
  const away = { method: 'validateHypervisor', node: 'node2', failure: 'offline' } as const;
  cluster.nodes.faults.add(away);
  const op = request({ diskTemplate: 'drbd', snode: 'node2' });
  expect(await create(cluster, op)).toEqual(['node1', 'node2']);
  cluster.nodes.faults.add({ ...away, failure: 'failed' });
  const run = create(cluster, { ...op, instanceName: 'web2.example.com' });
  await expect(run).rejects.toThrow('Node node2 does not accept the parameters of fake');
});

test('given volumes to take over, when their OS is not on the node, then nobody looks it up', async () => {
  const cluster = await openCluster({
    cluster: { enabledDiskTemplates: ['plain'], volumeGroup: 'xenvg' },
    nodeState: { volumes: new Map([['xenvg/old', { sizeMib: 64, online: false }]]) },
  });
  const op = request({ diskTemplate: 'plain', disks: [{ size: 0, adopt: 'old' }] });
  expect(await create(cluster, op)).toEqual(['node1']);
  expect(cluster.transcript.filter((line) => line.includes('findOs'))).toEqual([]);
});
