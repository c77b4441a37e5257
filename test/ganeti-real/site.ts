/**
 * A whole cluster on real nodes, as an embedding program opens one: configuration and journal in
 * memory, everything else Ganeti's own daemons.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  allHypervisors,
  type Allocator,
  type Clock,
  type Cluster,
  type Compatibility,
  type CreateOp,
  type CreateResult,
  DEFAULT_COMPATIBILITY,
  type FromConfig,
  type GroupId,
  initConfig,
  instanceUndoActions,
  LUInstanceCreate,
  LUInstanceRemove,
  MemoryKvStore,
  type Network,
  newCluster,
  newGroup,
  newNode,
  type NodeId,
  openCluster,
  type OpenCluster,
  POLICY_DEFAULTS,
  type RunOptions,
  type Secret,
} from '../../src/index.js';
import {
  decodeExport,
  encodeExport,
  GanetiNodes,
  type HttpsTransportOptions,
  type NodeTransport,
} from '../../src/ganeti/index.js';
import { staticResolver, systemClock, systemIds } from '../../src/local/index.js';
import type { Bed } from './bed.js';
import type { RealNode } from './daemon.js';

const exec = promisify(execFile);

/** The nodes' bridge, in their own network. */
export const BRIDGE = 'br0';

const GROUP = newGroup({ id: 'group-default' as GroupId, name: 'default' });

/** What a site consists of besides the nodes. All is optional. */
export interface SiteOptions {
  /** Overwrite new disks; false if not given. */
  readonly wipeDisks?: boolean;
  readonly networks?: readonly Network[];
  readonly allocators?: FromConfig<readonly Allocator[]>;
  readonly transport?: Partial<HttpsTransportOptions>;
  /** What calls go through, in place of the transport. */
  readonly through?: NodeTransport;
  /** Where configuration and journal are, if they are there already. */
  readonly store?: MemoryKvStore;
  /** What the cluster has besides. */
  readonly cluster?: Partial<Cluster>;
  /** Where the operations' time comes from; the machine's clock if not given. */
  readonly clock?: Clock;
  /** Switches that differ from the default. */
  readonly compatibility?: Partial<Compatibility>;
  /** What this cluster shares with others. */
  readonly domainSecret?: Secret<string>;
  /** Addresses by host name. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** The names that the recorded cluster had. */
export function nameOf(number: number): string {
  return `m${number}.example.com`;
}

export function idOf(number: number): NodeId {
  return `node-m${number}` as NodeId;
}

/** An opened cluster. */
export class Site {
  readonly bed: Bed;
  readonly store: MemoryKvStore;
  readonly cluster: OpenCluster;
  readonly nodes: GanetiNodes;

  private constructor(parts: Pick<Site, 'bed' | 'store' | 'cluster' | 'nodes'>) {
    this.bed = parts.bed;
    this.store = parts.store;
    this.cluster = parts.cluster;
    this.nodes = parts.nodes;
  }

  /** Opens it; a new one unless there is a store. */
  static async open(bed: Bed, options: SiteOptions = {}): Promise<Site> {
    const { clock = systemClock(), domainSecret } = options;
    const ids = systemIds();
    const store = options.store ?? new MemoryKvStore();
    if (options.store === undefined) await initialise(store, bed, options);
    const transport = options.through ?? bed.transport(options.transport);
    const cluster = await openCluster({
      store,
      clock,
      ids,
      rpc: (config) => new GanetiNodes({ transport, config }),
      hooks: (config) => new GanetiNodes({ transport, config }),
      resolver: staticResolver(options.hosts ?? {}),
      hypervisors: allHypervisors(),
      allocators: options.allocators ?? [],
      undoActions: instanceUndoActions,
      undoRetry: { attempts: 1, delayMs: 0 },
      compatibility: { ...DEFAULT_COMPATIBILITY, ...options.compatibility },
      site: {
        ...{ exportFormat: decodeExport, exportWriter: encodeExport },
        ...(domainSecret === undefined ? {} : { domainSecret }),
      },
    });
    const nodes = new GanetiNodes({ transport, config: cluster.config });
    return new Site({ bed, store, cluster, nodes });
  }

  /** Creates an instance: on the first node, without looking its name up. */
  create(op: Partial<CreateOp>, run?: RunOptions): Promise<CreateResult> {
    return this.cluster.run(new LUInstanceCreate(), request(op), run);
  }

  /** Stops and removes an instance. */
  async remove(instanceName: string): Promise<void> {
    await this.cluster.run(new LUInstanceRemove(), { instanceName, graceMs: 1_000 });
  }

  /** Names of the guests that run, by the node's number. */
  async running(number: number): Promise<readonly string[]> {
    const reply = await this.nodes.runningInstances(idOf(number), { hypervisors: ['fake', 'kvm'] });
    if (!reply.ok) throw new Error(reply.message);
    return reply.payload;
  }

  /** Everything that is left: on the nodes, in the configuration, in the journal. */
  async remains(): Promise<readonly string[]> {
    const { config } = this.cluster;
    const instances = [...config.all('instance')].map(({ name }) => `configuration: ${name}`);
    const disks = [...config.all('disk')].map(({ id }) => `configuration: disk ${id}`);
    const { entries } = await this.store.range('journal/');
    const due = entries.map(({ key }) => `journal: ${key}`);
    return [...instances, ...disks, ...due, ...(await this.bed.remains())];
  }

  /** Lets go of it; the store stays. */
  close(): Promise<void> {
    return this.cluster.close();
  }
}

/** A request for a small instance. */
export function request(changes: Partial<CreateOp> = {}): CreateOp {
  const placed = changes.iallocator === undefined ? { pnode: nameOf(1) } : {};
  return {
    instanceName: 'web1.example.com',
    mode: 'create',
    diskTemplate: 'file',
    disks: [{ size: '16M' }],
    nics: [{}],
    osType: 'noop',
    hypervisor: 'fake',
    nameCheck: false,
    ipCheck: false,
    ...placed,
    ...changes,
  };
}

/** The interfaces that hang on the node's bridge. */
export async function onBridge(node: RealNode): Promise<readonly string[]> {
  const args = ['-n', node.namespace, '-brief', 'link', 'show', 'master', BRIDGE];
  const { stdout } = await exec('ip', args);
  return stdout
    .split('\n')
    .map((line) => line.split(/[\s@]/)[0] ?? '')
    .filter((name) => name !== '');
}

/** The recorded cluster of three nodes, at the addresses of these. */
async function initialise(store: MemoryKvStore, bed: Bed, options: SiteOptions): Promise<void> {
  const { wipeDisks = false, networks = [] } = options;
  const bridged = { mode: 'bridged', link: BRIDGE, vlan: '' } as const;
  await initConfig({
    store,
    clock: systemClock(),
    cluster: newCluster({
      id: 'cluster',
      name: 'multi.example.com',
      masterNode: idOf(1),
      enabledHypervisors: ['fake', 'kvm'],
      enabledDiskTemplates: ['diskless', 'file', 'sharedfile'],
      fileStorageDir: '/srv/ganeti/file-storage',
      sharedFileStorageDir: '/srv/ganeti/shared-file-storage',
      nicParams: bridged,
      policy: LENIENT_POLICY,
      wipeDisks,
      ...options.cluster,
    }),
    nodes: bed.nodes.map(({ address }, index) =>
      newNode({
        id: idOf(index + 1),
        name: nameOf(index + 1),
        groupId: GROUP.id,
        primaryIp: address,
      }),
    ),
    groups: [{ ...GROUP, networks: Object.fromEntries(networks.map(({ id }) => [id, bridged])) }],
    networks,
  });
}

/** As the recorded cluster had it: small is fine. */
const LENIENT_POLICY = {
  ...POLICY_DEFAULTS,
  minmax: POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
    min: { ...min, diskCount: 0, diskSizeMib: 1, nicCount: 0, memorySizeMib: 4 },
    max,
  })),
};
