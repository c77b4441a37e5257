/**
 * Opens a random cluster: the facts become nodes, networks, instances and what goes wrong. Every
 * call to a node has a time limit, as every adapter gives it.
 */
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { GANETI_COMPATIBILITY } from '../../src/compatibility.js';
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { ProgramAllocator } from '../../src/ganeti/allocator/program-allocator.js';
import { allHypervisors } from '../../src/hypervisors/all.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { type Cluster, LAST_PORT } from '../../src/model/cluster.js';
import type { GroupId, NetworkId, NicId } from '../../src/model/ids.js';
import { type InstancePolicy, POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import type { Network } from '../../src/model/network.js';
import { NIC_DEFAULTS } from '../../src/model/nic.js';
import type { Node, NodeGroup } from '../../src/model/node.js';
import { Secret } from '../../src/model/secret.js';
import type { CallOptions } from '../../src/ports/call.js';
import { sleep } from '../../src/ports/clock.js';
import type { OsFacts } from '../../src/ports/node-facts.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { type StubDaemon, StubTransfers } from '../../src/testing/stub-transfers.js';
import type { StubHook } from '../../src/testing/stub-hooks.js';
import type { StubNodeState } from '../../src/testing/stub-node-state.js';
import {
  TestCluster,
  type TestClusterOptions,
  type TestInstance,
} from '../../src/testing/test-cluster.js';
import type { TransferStatus } from '../../src/ports/transfer.js';
import { CERTIFICATE, SECRET } from '../instance-create/import-support.js';
import { LENIENT_POLICY } from '../instance-create/support.js';
import type { ClusterFacts } from './clusters.js';
import { giveHelpers } from './helper-machines.js';
import { moveIn } from './neighbour.js';
import type { Subject } from './subject.js';

/** A random cluster, ready for a trial. */
export interface World extends Subject {
  readonly test: TestCluster;
  /** From now on the export and the allocator's reply are these; nothing else changes. */
  readonly bring: (inputs: Inputs) => void;
}

/** What comes to a cluster from outside. */
type Inputs = Pick<ClusterFacts, 'description' | 'reply'>;

/** No call takes longer. */
const CALL_LIMIT_MS = 900_000;

/** Opens it. */
export async function openWorld(facts: ClusterFacts): Promise<World> {
  let { reply } = facts;
  const test = await TestCluster.open(optionsOf(facts, () => reply));
  const { nodes, open: cluster, clock, store } = test;
  const there = new Set(nodes.leftovers());
  const exports = new Map([[EXPORT, facts.description]]);
  const transfers = transfersOf(facts, exports);
  Object.assign(nodes, transfers.calls);
  giveHelpers(nodes, facts.weather.helper);
  watchMirrors(test, facts);
  const onTheirWay = bindCalls(test, facts);
  for (const fault of facts.weather.faults) nodes.faults.add(fault);
  const othersLeave = await moveIn(cluster, clock, facts.neighbour);
  return {
    ...{ test, cluster, clock, store, onTheirWay, othersLeave },
    onNodes: () => [
      ...nodes.leftovers().filter((line) => !there.has(line)),
      ...transfers.leftovers().map((line) => `transfer ${line}`),
    ],
    calm: () => nodes.faults.clear(),
    bring: (inputs) => {
      reply = inputs.reply;
      transfers.putExport(EXPORT, inputs.description);
      test.events.length = 0;
      test.transcript.length = 0;
    },
  };
}

function optionsOf(facts: ClusterFacts, reply: () => string): TestClusterOptions {
  return {
    seed: facts.seed,
    nodes: nodesOf(facts),
    groups: [1, 2, 3].slice(0, facts.groups).map((number) => groupOf(number, facts)),
    networks: [LAN, TINY, NOWHERE].slice(0, facts.networks),
    instances: instancesOf(facts),
    cluster: clusterOf(facts),
    nodeState: nodeStateOf(facts),
    hook: hookOf(facts.weather.hook),
    hostnames: HOSTS,
    answering: ['192.0.2.60'],
    hypervisors: allHypervisors(),
    allocators: [new MostFreeAllocator(), programOf(reply)],
    undoActions: instanceUndoActions,
    compatibility: facts.ganeti ? GANETI_COMPATIBILITY : {},
    site: { exportFormat: decodeExport, domainSecret: new Secret(SECRET) },
  };
}

const HOSTS = {
  'web1.example.com': '192.0.2.50',
  'old.example.com': '192.0.2.60',
  'inst1.example.com': '192.0.2.61',
};

/** The default group is there as well, and has no nodes. */
const groupId = (number: number): GroupId => `group-${number}` as GroupId;

function nodesOf(facts: ClusterFacts): readonly ({ name: string } & Partial<Node>)[] {
  return facts.nodes.map(({ exclusiveStorage, group, domain, ...flags }, at) => ({
    ...flags,
    id: nodeIdOf(`node${at + 1}`),
    name: `node${at + 1}${domain ? '.example.com' : ''}`,
    primaryIp: `192.0.2.${at + 1}`,
    secondaryIp: `198.51.100.${at + 1}`,
    groupId: groupId((group % facts.groups) + 1),
    ndParams: exclusiveStorage ? { exclusive_storage: true } : {},
  }));
}

function groupOf(number: number, { networks }: ClusterFacts): { name: string } & NodeGroup {
  const connected = [LAN, TINY].slice(0, networks).map(({ id }) => [id, NIC_DEFAULTS]);
  return {
    ...STORED,
    id: groupId(number),
    name: `group${number}`,
    allocPolicy: ALLOC_POLICIES[number] ?? 'preferred',
    ndParams: {},
    diskParams: { drbd: { resync_rate: 1024 } },
    policy: number === 3 ? { vcpuRatio: 1 } : {},
    networks: Object.fromEntries(connected) as NodeGroup['networks'],
  };
}

const ALLOC_POLICIES: Readonly<Record<number, NodeGroup['allocPolicy']>> = {
  2: 'last_resort',
  3: 'unallocable',
};

const STORED = { serial: 1, createdAtMs: 0, modifiedAtMs: 0, tags: [] };

function networkOf(name: string, cidr: string, facts: Partial<Network>): Network {
  return { ...STORED, id: `net-${name}` as NetworkId, name, cidr, reservedIps: [], ...facts };
}

const LAN = networkOf('lan', '10.0.0.0/28', {
  gateway: '10.0.0.1',
  reservedIps: ['10.0.0.0', '10.0.0.1', '10.0.0.15'],
  macPrefix: 'aa:bb:cc',
});
const TINY = networkOf('tiny', '10.1.0.0/30', { reservedIps: ['10.1.0.0', '10.1.0.3'] });
const NOWHERE = networkOf('nowhere', '10.2.0.0/29', { strayIps: ['10.2.0.4'] });

function instancesOf({ instances, networks }: ClusterFacts): readonly TestInstance[] {
  const networkId = networks > 0 ? { networkId: LAN.id, ip: '10.0.0.2' } : {};
  const nic = { id: 'nic-1' as NicId, mac: 'aa:00:00:00:00:01', params: {}, ...networkId };
  const all: readonly TestInstance[] = [
    { name: 'taken1.example.com', disksMib: [64], nics: [nic] },
    { name: 'kept1.example.com', forthcoming: true },
    { name: 'taken', networkPort: LAST_PORT - 1, hypervisor: 'kvm' },
  ];
  return all.slice(0, instances);
}

function clusterOf(facts: ClusterFacts): Partial<Cluster> {
  const { volumeGroup, communication, installImage, defaultAllocator } = facts;
  return {
    enabledDiskTemplates: facts.templates,
    enabledHypervisors: facts.hypervisors,
    policy: POLICIES[facts.policy] ?? LENIENT_POLICY,
    wipeDisks: facts.wipeDisks,
    highestUsedPort: LAST_PORT - facts.portsLeft,
    portPool: facts.portsLeft === 1 ? [11_000] : [],
    macPrefix: facts.macPrefix,
    primaryIpFamily: facts.family,
    glusterStorageDir: '/srv/gluster',
    reservedVolumes: ['fast/kept.*'],
    osParams: { debian: { dhcp: 'yes' } },
    osHvParams: { debian: { kvm: { boot_order: 'disk' } } },
    ...(volumeGroup === '' ? {} : { volumeGroup }),
    ...(communication === '' ? {} : { communicationNetwork: communication }),
    ...(installImage === '' ? {} : { installImage }),
    ...(defaultAllocator === '' ? {} : { defaultAllocator }),
  };
}

const POLICIES: Readonly<Record<string, InstancePolicy>> = {
  strict: POLICY_DEFAULTS,
  small: {
    ...LENIENT_POLICY,
    minmax: LENIENT_POLICY.minmax.map(({ min, max }) => ({
      min,
      max: { ...max, diskCount: 1, nicCount: 1, diskSizeMib: 64, memorySizeMib: 128 },
    })),
  },
  templates: { ...LENIENT_POLICY, diskTemplates: ['plain', 'drbd'] },
  ratios: { ...LENIENT_POLICY, vcpuRatio: 1, spindleRatio: 1 },
};

function nodeStateOf(facts: ClusterFacts): Partial<StubNodeState> {
  const volume = { sizeMib: 64, online: false };
  const os = (name: string, trusted: boolean): [string, OsFacts] => [
    name,
    { name, apiVersions: [20], variants: [], parameters: [['a', 'A']], trusted },
  ];
  return {
    memoryFreeMib: facts.memoryFreeMib,
    storageFreeMib: facts.storageFreeMib,
    volumeGroups: new Map([
      ['xenvg', 1024 * 1024],
      ['fast', 2048],
    ]),
    volumes: new Map([
      ['xenvg/lv1', volume],
      ['xenvg/lv2', { ...volume, online: true }],
      ['fast/kept1', volume],
    ]),
    devices: new Map([['/dev/disk/by-id/d1', 64]]),
    bridges: new Set(['xen-br0', ...Array.from({ length: 9 }, (_, at) => `br${at}`)]),
    osDefinitions: new Map([os('debian', facts.trusted), os('guest', false)]),
  };
}

function hookOf(kind: string): StubHook {
  return ({ phase }) => {
    if (kind === 'none') return [];
    return [{ script: '10-it', status: kind === phase ? 'failed' : 'ok', output: 'x' }];
  };
}

function programOf(reply: () => string): ProgramAllocator {
  return new ProgramAllocator('program', () =>
    Promise.resolve({ exitCode: 0, stdout: reply(), stderr: '' }),
  );
}

/** Where the export lies. */
const EXPORT = `${nodeIdOf('node2')} /var/lib/ganeti/export/old`;

function transfersOf(
  { weather }: ClusterFacts,
  exports: ReadonlyMap<string, string>,
): StubTransfers {
  const ends: Readonly<Record<string, (daemon: StubDaemon) => TransferStatus | undefined>> = {
    fails: ({ asked }) => (asked > 2 ? { output: ['no'], exitStatus: 1, error: 'x' } : undefined),
    unknown: ({ asked }) => (asked > 1 ? { output: [], exitStatus: 255 } : undefined),
    hangs: () => ({ output: [], port: 1 }),
  };
  const status = ends[weather.transfer];
  return new StubTransfers({
    exports,
    certificate: CERTIFICATE,
    ...(status === undefined ? {} : { status }),
  });
}

/** Mirrors agree after a while, or never. */
function watchMirrors({ nodes }: TestCluster, { weather }: ClusterFacts): void {
  const { mirrorStatus } = nodes;
  let polls = weather.syncPolls;
  const watched: typeof mirrorStatus = async (node, request, call) => {
    const reply = await mirrorStatus(node, request, call);
    const isSyncing = polls-- > 0;
    if (!reply.ok || (!isSyncing && !weather.degraded)) return reply;
    const state = isSyncing
      ? { degraded: true, syncPercent: 50, estimatedS: 30 }
      : { degraded: true };
    return { ok: true, payload: reply.payload.map(() => state) };
  };
  Object.assign(nodes, { mirrorStatus: watched });
}

type Method = (target: unknown, request: unknown, call?: CallOptions) => Promise<unknown>;

/** Limits the time of every call, and makes some late. */
function bindCalls({ nodes, clock }: TestCluster, { weather }: ClusterFacts): () => number {
  let onTheirWay = 0;
  for (const [name, method] of Object.entries(nodes) as [string, unknown][]) {
    if (typeof method !== 'function') continue;
    const late = weather.late.find((one) => one.method === name);
    const limited: Method = async (target, request, call) => {
      onTheirWay += 1;
      if (late !== undefined) await sleep(clock, late.delayMs, call?.signal).catch(() => undefined);
      onTheirWay -= 1;
      return (method as Method)(target, request, { timeoutMs: CALL_LIMIT_MS, ...call });
    };
    Object.assign(nodes, { [name]: limited });
  }
  return () => onTheirWay;
}
