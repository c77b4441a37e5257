/**
 * Reads what real allocators were asked and answered, and rebuilds from a captured request the
 * configuration and the node data that it was made of.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { AllocateInput, LiveNode } from '../../src/ganeti/allocator/input.js';
import { decodePolicy } from '../../src/ganeti/wire/policy.js';
import { BE_DEFAULTS } from '../../src/model/be-params.js';
import type { DiskTemplate } from '../../src/model/disk-template.js';
import type { DiskMode } from '../../src/model/disk.js';
import type { HypervisorName } from '../../src/model/hypervisor.js';
import type { GroupId, NetworkId, NicId, NodeId } from '../../src/model/ids.js';
import type { AdminState } from '../../src/model/instance.js';
import type { AllocPolicy } from '../../src/model/node.js';
import type { Network } from '../../src/model/network.js';
import { NIC_DEFAULTS, type NicMode, type NicParams } from '../../src/model/nic.js';
import type { Params } from '../../src/model/params.js';
import type { AllocationDisk } from '../../src/ports/allocator.js';
import { TestCluster, type TestInstance } from '../../src/testing/test-cluster.js';

const FIXTURES = new URL('../fixtures/ganeti/', import.meta.url);

interface WireNode {
  readonly total_memory: number;
  readonly reserved_memory: number;
  readonly free_memory: number;
  readonly total_disk: number;
  readonly free_disk: number;
  readonly total_cpus: number;
  readonly reserved_cpus: number;
  readonly tags: readonly string[];
  readonly primary_ip: string;
  readonly secondary_ip: string;
  readonly group: string;
  readonly ndparams: Params;
}

interface WireInstance {
  readonly tags: readonly string[];
  readonly admin_state: AdminState;
  readonly vcpus: number;
  readonly memory: number;
  readonly spindle_use: number;
  readonly os: string;
  readonly nodes: readonly string[];
  readonly nics: readonly {
    readonly mac: string;
    readonly ip: string | null;
    readonly mode: NicMode;
    readonly link: string;
  }[];
  readonly disks: readonly { readonly size: number }[];
  readonly disk_template: DiskTemplate;
  readonly disks_active: boolean;
  readonly hypervisor: HypervisorName;
}

interface WireGroup {
  readonly name: string;
  readonly alloc_policy: AllocPolicy;
  readonly networks: readonly string[];
  readonly tags: readonly string[];
}

type WireDisk = Readonly<Record<string, string | number | null>> & {
  readonly size: number;
  readonly mode: DiskMode;
};

interface WireNic {
  readonly mac: string;
  readonly ip?: string;
  readonly name?: string;
  readonly network?: string;
  readonly nicparams: Partial<NicParams>;
  readonly uuid: string;
}

/** The request part of an allocator's input, as Ganeti wrote it. */
export interface WireRequest {
  readonly name: string;
  readonly disk_template: DiskTemplate;
  readonly group_name: string | null;
  readonly tags: readonly string[];
  readonly os: string;
  readonly vcpus: number;
  readonly memory: number;
  readonly spindle_use: number;
  readonly disk_space_total: number;
  readonly disks: readonly WireDisk[];
  readonly nics: readonly WireNic[];
  readonly required_nodes: number;
  readonly hypervisor: HypervisorName;
  readonly 'restrict-to-nodes'?: readonly string[];
}

/** One call of an allocator on a real cluster. */
export interface Capture {
  readonly label: string;
  readonly input: {
    readonly cluster_name: string;
    readonly enabled_hypervisors: readonly HypervisorName[];
    readonly ipolicy: unknown;
    readonly nodegroups: Readonly<Record<string, WireGroup>>;
    readonly nodes: Readonly<Record<string, WireNode>>;
    readonly instances: Readonly<Record<string, WireInstance>>;
    readonly request: WireRequest;
  };
  readonly stdout: string;
}

/** The lines of a fixture, each its own JSON. */
export function readLines<T>(name: string): readonly T[] {
  const bytes = readFileSync(new URL(name, FIXTURES));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** A fixture's text. */
export function readText(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

/** The instance that wanted a place. */
export function inputOf(wire: WireRequest): AllocateInput {
  const { group_name: groupName, 'restrict-to-nodes': onlyNodes } = wire;
  return {
    name: wire.name,
    diskTemplate: wire.disk_template,
    disks: wire.disks.map(diskOf),
    diskSpaceMib: wire.disk_space_total,
    nics: wire.nics.map(({ mac, ip, name, network, nicparams, uuid }) => ({
      mac,
      params: nicparams,
      id: uuid as NicId,
      ...(ip === undefined ? {} : { ip }),
      ...(name === undefined ? {} : { name }),
      ...(network === undefined ? {} : { networkId: network as NetworkId }),
    })),
    beParams: {
      ...BE_DEFAULTS,
      maxMemMib: wire.memory,
      vcpus: wire.vcpus,
      spindleUse: wire.spindle_use,
    },
    hypervisor: wire.hypervisor,
    os: wire.os,
    tags: wire.tags,
    requiredNodes: wire.required_nodes,
    ...(groupName === null ? {} : { groupName }),
    ...(onlyNodes === undefined ? {} : { onlyNodes: onlyNodes as readonly NodeId[] }),
  };
}

function diskOf({ size, mode, dev_type: _, ...wire }: WireDisk): AllocationDisk {
  const { name, vg, metavg, access, spindles, provider, adopt, ...others } = wire;
  const fields = {
    name,
    volumeGroup: vg,
    metaVolumeGroup: metavg,
    access,
    spindles,
    provider,
    adopt,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return { sizeMib: size, mode, ...Object.fromEntries(given), providerParams: others as never };
}

/** The configuration that a capture was made of. Names serve as ids. */
export async function clusterOf({ input }: Capture): Promise<TestCluster> {
  const nodes = Object.entries(input.nodes).map(([name, wire]) => ({
    name,
    id: name as NodeId,
    groupId: wire.group as GroupId,
    primaryIp: wire.primary_ip,
    secondaryIp: wire.secondary_ip,
    tags: wire.tags,
  }));
  const groups = Object.entries(input.nodegroups).map(([id, wire]) => ({
    id: id as GroupId,
    name: `${wire.name}-captured`,
    allocPolicy: wire.alloc_policy,
    tags: wire.tags,
    networks: Object.fromEntries(wire.networks.map((network) => [network, NIC_DEFAULTS])),
  }));
  const cluster = {
    name: input.cluster_name,
    enabledHypervisors: input.enabled_hypervisors,
    policy: decodePolicy(input.ipolicy),
    nicParams: { mode: 'bridged', link: 'br0', vlan: '' } as const,
  };
  const instances = instancesOf(input.instances);
  const ids = new Set(Object.values(input.nodegroups).flatMap(({ networks }) => networks));
  const networks = [...ids].map((id) => networkOf(id as NetworkId));
  const opened = await TestCluster.open({ nodes, groups, networks, cluster, instances });
  await opened.config.commit('what a test cluster cannot be opened with', (draft) => {
    for (const { diskTemplate, diskIds } of opened.config.all('instance')) {
      for (const id of diskIds) {
        draft.update('disk', id, (disk) => {
          disk.template = diskTemplate;
        });
      }
    }
    draft.remove('group', 'group-default');
    for (const [id, { name }] of Object.entries(input.nodegroups)) {
      draft.update('group', id, (group) => {
        group.name = name;
      });
    }
  });
  return opened;
}

function networkOf(id: NetworkId): Network {
  const stored = { serial: 1, createdAtMs: 0, modifiedAtMs: 0, tags: [] };
  return { ...stored, id, name: 'net1', cidr: '10.20.30.0/24', reservedIps: [] };
}

function instancesOf(wire: Capture['input']['instances']): readonly TestInstance[] {
  return Object.entries(wire).map(([name, instance]) => ({
    name,
    primaryNode: instance.nodes[0] as NodeId,
    tags: instance.tags,
    adminState: instance.admin_state,
    beParams: {
      maxMemMib: instance.memory,
      vcpus: instance.vcpus,
      spindleUse: instance.spindle_use,
    },
    os: instance.os,
    nics: instance.nics.map(({ mac, ip, mode, link }, index) => ({
      id: `${name}-nic${index}` as NicId,
      mac,
      params: mode === 'bridged' && link === 'br0' ? {} : { mode, link },
      ...(ip === null ? {} : { ip }),
    })),
    disksMib: instance.disks.map(({ size }) => size),
    diskTemplate: instance.disk_template,
    disksActive: instance.disks_active,
    hypervisor: instance.hypervisor,
  }));
}

/** What the nodes of a capture had said: instances that should run had all their memory. */
export function liveOf({ input }: Capture): ReadonlyMap<NodeId, LiveNode> {
  const memoryOfInstances = new Map(
    Object.entries(input.instances).map(([name, { memory }]) => [name, memory]),
  );
  const live = Object.entries(input.nodes).map(([name, wire]): [NodeId, LiveNode] => [
    name as NodeId,
    {
      facts: {
        memoryTotalMib: wire.total_memory,
        memoryFreeMib: wire.free_memory,
        memoryNodeMib: wire.reserved_memory,
        cpuTotal: wire.total_cpus,
        storage: [
          { kind: 'file', key: '/srv', totalMib: wire.total_disk, freeMib: wire.free_disk },
        ],
      },
      memoryOfInstances,
    },
  ]);
  return new Map(live);
}
