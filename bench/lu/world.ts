/**
 * A cluster with any number of instances, on the memory store, whose nodes are stubs: real
 * processor, locks, journal, configuration, clock and identifiers.
 */
import {
  type CreateOp,
  type Disk,
  type DiskId,
  fakeHypervisor,
  type GroupId,
  initConfig,
  type Instance,
  type InstanceId,
  instanceUndoActions,
  kvmHypervisor,
  LUInstanceCreate,
  LUInstanceRemove,
  MemoryKvStore,
  newCluster,
  newGroup,
  newNode,
  type NicId,
  type Node,
  type NodeId,
  openCluster,
  type OpenCluster,
} from '../../src/index.js';
import { systemClock } from '../../src/local/system-clock.js';
import { systemIds } from '../../src/local/random-ids.js';
import { Calls, stubNodes, stubResolver } from './stubs.js';

const GROUP = 'group-1' as GroupId;
const FILES = '/srv/ganeti/file-storage';
const INSTANCES_PER_NODE = 50;
const INSTANCES_PER_COMMIT = 500;
const STORED = { serial: 1, createdAtMs: 0, modifiedAtMs: 0, tags: [] };

const CLUSTER = newCluster({
  id: 'cluster-1',
  name: 'cluster.example.com',
  masterNode: idOfNode(0),
  enabledHypervisors: ['fake', 'kvm'],
  fileStorageDir: FILES,
});

/** An instance to be made: files as disks, placed by the operator, installed and started. */
export const REQUEST: CreateOp = {
  instanceName: 'new.example.com',
  mode: 'create',
  diskTemplate: 'file',
  disks: [{ size: 10_240 }, { size: '20g' }],
  nics: [{}, {}],
  osType: 'debian',
  pnode: 'node1.example.com',
};

/** A cluster to create instances on. */
export class World {
  readonly #cluster: OpenCluster;
  readonly #calls: Calls;
  readonly #create = new LUInstanceCreate();
  readonly #remove = new LUInstanceRemove();
  readonly #op: CreateOp;

  private constructor(cluster: OpenCluster, calls: Calls, op: CreateOp) {
    this.#cluster = cluster;
    this.#calls = calls;
    this.#op = op;
  }

  /** A cluster with `count` instances of two disks and two network cards each. */
  static async open(count: number, hypervisor: 'fake' | 'kvm'): Promise<World> {
    const store = new MemoryKvStore();
    const clock = systemClock();
    const nodes = Array.from({ length: Math.ceil(count / INSTANCES_PER_NODE) + 1 }, nodeOf);
    const groups = [newGroup({ id: GROUP, name: 'default' })];
    await initConfig({ store, clock, cluster: CLUSTER, nodes, groups });
    const calls = new Calls();
    const stubs = stubNodes(calls);
    const cluster = await openCluster({
      store,
      clock,
      ids: systemIds(),
      rpc: stubs,
      hooks: stubs,
      resolver: stubResolver(calls),
      hypervisors: [fakeHypervisor(), kvmHypervisor()],
      undoActions: instanceUndoActions,
    });
    await fill(cluster, count, nodes.length);
    return new World(cluster, calls, { ...REQUEST, hypervisor });
  }

  /** Creates an instance. */
  async create(instanceName: string): Promise<void> {
    await this.#cluster.run(this.#create, { ...this.#op, instanceName });
  }

  /** Removes it again. */
  async remove(instanceName: string): Promise<void> {
    await this.#cluster.run(this.#remove, { instanceName });
  }

  /** How many calls of adapters a creation makes. */
  async callsPerCreate(): Promise<number> {
    this.#calls.count = 0;
    await this.create(REQUEST.instanceName);
    const { count } = this.#calls;
    await this.remove(REQUEST.instanceName);
    return count;
  }
}

/** Adds the instances in commits of some hundred: a single one would hold all of them twice. */
async function fill({ config }: OpenCluster, count: number, nodes: number): Promise<void> {
  for (let from = 0; from < count; from += INSTANCES_PER_COMMIT) {
    await config.commit('fill', (draft) => {
      for (let at = from; at < Math.min(count, from + INSTANCES_PER_COMMIT); at++) {
        const { instance, disks } = instanceOf(at, idOfNode(at % nodes));
        draft.add('instance', instance);
        for (const disk of disks) draft.add('disk', disk);
      }
    });
  }
}

function idOfNode(at: number): NodeId {
  return `node-${at + 1}` as NodeId;
}

function nodeOf(_: unknown, at: number): Node {
  const primaryIp = `10.0.${at >> 8}.${at & 255}`;
  return newNode({
    id: idOfNode(at),
    name: `node${at + 1}.example.com`,
    primaryIp,
    groupId: GROUP,
  });
}

function instanceOf(
  at: number,
  primaryNode: NodeId,
): { readonly instance: Instance; readonly disks: readonly Disk[] } {
  const id = `instance-${at}` as InstanceId;
  const disks = [0, 1].map((index) => diskOf(id, at, index));
  const instance: Instance = {
    ...STORED,
    id,
    name: `i${at}.example.com`,
    primaryNode,
    secondaryNodes: [],
    os: 'debian',
    hypervisor: 'fake',
    hvParams: {},
    beParams: {},
    osParams: {},
    osParamsPrivate: {},
    adminState: 'up',
    nics: [0, 1].map((index) => ({
      id: `nic-${at}-${index}` as NicId,
      mac: macOf(at * 2 + index),
      params: {},
    })),
    diskIds: disks.map((disk) => disk.id),
    diskTemplate: 'file',
    disksActive: true,
  };
  return { instance, disks };
}

function diskOf(instanceId: InstanceId, at: number, index: number): Disk {
  const path = `${FILES}/i${at}.example.com/${at}.file.disk${index}`;
  return {
    ...STORED,
    id: `disk-${at}-${index}` as DiskId,
    instanceId,
    index,
    template: 'file',
    sizeMib: 10_240,
    mode: 'rw',
    location: { kind: 'file', driver: 'loop', path },
    params: {},
    nodes: [],
  };
}

function macOf(number: number): string {
  const hex = number.toString(16).padStart(6, '0');
  return `aa:00:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}
