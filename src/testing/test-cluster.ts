/**
 * A whole cluster in memory for tests: real processor, locks, configuration and journal; stub
 * nodes; a clock that the test drives. Every effect becomes one line of the transcript, and
 * `leftovers()` says what a finished operation has left behind.
 */
import { DEFAULT_COMPATIBILITY, type Compatibility } from '../compatibility.js';
import { type ClusterConfig, initConfig } from '../config/cluster-config.js';
import { MemoryKvStore } from '../config/memory-kv-store.js';
import type { LogicalUnit, Phases } from '../lu-base.js';
import type { Cluster } from '../model/cluster.js';
import { type Disk, whereOf } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { Node, NodeGroup } from '../model/node.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { Allocator } from '../ports/allocator.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import type { JobSubmitter } from '../ports/job-submitter.js';
import type { UndoRegistry } from '../ports/journal.js';
import type { KvStore } from '../ports/kv-store.js';
import type { Site } from '../ports/site.js';
import type { Preview, RunOptions } from '../processor.js';
import type { AnyReport } from '../reports.js';
import { makeCluster, makeDisk, makeGroup, makeInstance, makeNode, nodeIdOf } from './make.js';
import { ManualClock } from './manual-clock.js';
import { SeededIds } from './seeded-ids.js';
import { StubHypervisor } from './stub-hypervisor.js';
import { StubResolver } from './stub-resolver.js';
import type { StubHook } from './stub-hooks.js';
import { StubNodes } from './stub-nodes.js';
import type { StubNodeState } from './stub-node-state.js';
import { transcriptLine } from './transcript.js';

/**
 * What a test cluster consists of. All is optional.
 * @public
 */
export interface TestClusterOptions {
  /** Nodes; the first leads. One node `node1` if not given. */
  readonly nodes?: readonly ({ readonly name: string } & Partial<Node>)[];
  /** Instances; diskless and down unless told otherwise, on the first node. */
  readonly instances?: readonly TestInstance[];
  /** Groups besides the default one. */
  readonly groups?: readonly ({ readonly name: string } & Partial<NodeGroup>)[];
  /** Networks. */
  readonly networks?: readonly Network[];
  /** What differs from a new cluster's settings. */
  readonly cluster?: Partial<Cluster>;
  /** What every stub node starts with. */
  readonly nodeState?: Partial<StubNodeState>;
  /** Whether stub nodes copy disks that are files; false if not given. */
  readonly copiesFiles?: boolean;
  /** What hook scripts do; there are none if not given. */
  readonly hook?: StubHook;
  /** Host names that resolve, with their addresses; unknown ones do not. */
  readonly hostnames?: Readonly<Record<string, string>>;
  /** Addresses at which something answers. */
  readonly answering?: readonly string[];
  /** Hypervisors; `fake` and `kvm` without parameter checks if not given. */
  readonly hypervisors?: readonly Hypervisor[];
  /** Allocators. */
  readonly allocators?: readonly Allocator[];
  /** Undo actions of the LUs under test. */
  readonly undoActions?: UndoRegistry;
  /** Whose behaviour. */
  readonly compatibility?: Partial<Compatibility>;
  /** Takes follow-up jobs. */
  readonly submitter?: JobSubmitter;
  /** Seed of all randomness; 1 if not given. */
  readonly seed?: number;
  /** Places and secrets of the site, where they differ from the usual ones. */
  readonly site?: Partial<Site>;
  /** Another store, for example one that fails. */
  readonly store?: KvStore;
}

/**
 * An instance of a test cluster, with the sizes of its disks in MiB.
 * @public
 */
export type TestInstance = {
  readonly name: string;
  readonly disksMib?: readonly number[];
} & Partial<Instance>;

/**
 * A cluster in memory.
 * @public
 */
export class TestCluster {
  /** One line per effect, in order. */
  readonly transcript: string[];
  /** Every event of every operation, in order. */
  readonly events: AnyReport[];
  /** The clock, to be driven by the test. */
  readonly clock: ManualClock;
  /** The nodes: what exists on them, and their fault plan. */
  readonly nodes: StubNodes;
  /** The store under configuration and journal. */
  readonly store: KvStore;
  readonly #cluster: OpenCluster;
  readonly #before: ReadonlySet<string>;

  private constructor(parts: Parts, cluster: OpenCluster) {
    this.transcript = parts.transcript;
    this.events = parts.events;
    this.clock = parts.clock;
    this.nodes = parts.nodes;
    this.store = parts.store;
    this.#cluster = cluster;
    this.#before = new Set(parts.nodes.leftovers());
  }

  /** Makes a cluster. */
  static async open(options: TestClusterOptions = {}): Promise<TestCluster> {
    const parts = assemble(options);
    const { clock, store, ids } = parts;
    const objects = objectsOf(options, ids);
    await initConfig({ store, clock, ...objects });
    putDisks(objects, parts.nodes);
    const cluster = await openCluster({
      store,
      clock,
      ids,
      rpc: parts.nodes,
      hooks: parts.nodes,
      resolver: new StubResolver(options.hostnames ?? {}, options.answering ?? []),
      hypervisors: options.hypervisors ?? [new StubHypervisor('fake'), new StubHypervisor('kvm')],
      allocators: options.allocators ?? [],
      undoActions: options.undoActions ?? {},
      undoRetry: { attempts: 1, delayMs: 0 },
      compatibility: { ...DEFAULT_COMPATIBILITY, ...options.compatibility },
      ...(options.submitter === undefined ? {} : { submitter: options.submitter }),
      ...(options.site === undefined ? {} : { site: options.site }),
    });
    return new TestCluster(parts, cluster);
  }

  /** The configuration. */
  get config(): ClusterConfig {
    return this.#cluster.config;
  }

  /** Everything behind it, for tests that need more. */
  get open(): OpenCluster {
    return this.#cluster;
  }

  /** Carries an operation out. */
  run<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']> = {},
  ): Promise<P['result']> {
    return this.#cluster.run(lu, op, this.#observed(options));
  }

  /** A dry run. */
  plan<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']> = {},
  ): Promise<Preview<P['plan']>> {
    return this.#cluster.plan(lu, op, this.#observed(options));
  }

  /** Finishes what crashed or failed operations left in the journal. */
  async recover(): ReturnType<OpenCluster['recover']> {
    return this.#cluster.recover();
  }

  /**
   * What is held, claimed or open although no operation runs, and what exists on nodes but did not
   * when the cluster was made; empty if all is well.
   */
  async leftovers(): Promise<readonly string[]> {
    const { entries } = await this.store.range('journal/');
    const { locks, pending } = await this.#cluster.locks.explain();
    const { claimCount } = this.#cluster.config;
    return [
      ...this.nodes.leftovers().filter((line) => !this.#before.has(line)),
      ...entries.map((entry) => `journal ${entry.key}`),
      ...locks.map((lock) => `lock ${lock.name}`),
      ...pending.map((request) => `waiting ${request.owner}`),
      ...(claimCount === 0 ? [] : [`${claimCount} claims`]),
    ];
  }

  #observed<Plan>(options: RunOptions<Plan>): RunOptions<Plan> {
    return {
      ...options,
      onReport: (event) => {
        this.events.push(event);
        const line = transcriptLine(event);
        if (line !== undefined) this.transcript.push(line);
        options.onReport?.(event);
      },
    };
  }
}

interface Parts {
  readonly transcript: string[];
  readonly events: AnyReport[];
  readonly clock: ManualClock;
  readonly ids: SeededIds;
  readonly nodes: StubNodes;
  readonly store: KvStore;
}

function assemble(options: TestClusterOptions): Parts {
  const transcript: string[] = [];
  const clock = new ManualClock();
  const nodes = new StubNodes({
    nodes: nodeNames(options),
    log: (line) => transcript.push(line),
    clock,
    ...(options.nodeState === undefined ? {} : { initial: options.nodeState }),
    ...(options.hook === undefined ? {} : { hook: options.hook }),
    ...(options.copiesFiles === undefined ? {} : { copiesFiles: options.copiesFiles }),
  });
  return {
    transcript,
    events: [],
    clock,
    ids: new SeededIds(options.seed ?? 1),
    nodes,
    store: options.store ?? new MemoryKvStore(),
  };
}

function nodeNames({ nodes = [{ name: 'node1' }] }: TestClusterOptions): Map<NodeId, string> {
  return new Map(nodes.map((node) => [node.id ?? nodeIdOf(node.name), node.name]));
}

interface Objects {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  readonly groups: readonly NodeGroup[];
  readonly networks: readonly Network[];
  readonly instances: readonly Instance[];
  readonly disks: readonly Disk[];
}

function objectsOf(options: TestClusterOptions, ids: SeededIds): Objects {
  const nodes = (options.nodes ?? [{ name: 'node1' }]).map((node) => makeNode(node.name, node));
  const master = nodes[0]?.id ?? nodeIdOf('node1');
  const disks: Disk[] = [];
  const instances = (options.instances ?? []).map(({ disksMib = [], ...facts }) => {
    const bare = makeInstance(facts.name, facts.primaryNode ?? master, ids, facts);
    const own = disksMib.map((sizeMib, index) => makeDisk(bare, index, ids, { sizeMib }));
    disks.push(...own);
    const diskTemplate = facts.diskTemplate ?? (own.length > 0 ? 'file' : 'diskless');
    return { ...bare, diskTemplate, diskIds: own.map((disk) => disk.id) };
  });
  return {
    cluster: makeCluster(master, options.cluster),
    nodes,
    groups: [makeGroup(), ...(options.groups ?? []).map((group) => makeGroup(group))],
    networks: options.networks ?? [],
    instances,
    disks,
  };
}

/** What the configuration says of disks is true when the test begins. */
function putDisks({ instances, disks }: Objects, nodes: StubNodes): void {
  const owners = new Map(instances.map((instance) => [instance.id, instance]));
  for (const { instanceId, location, sizeMib } of disks) {
    const owner = owners.get(instanceId);
    if (owner === undefined) continue;
    for (const node of [owner.primaryNode, ...owner.secondaryNodes]) {
      nodes.state(node).disks.set(whereOf(location), sizeMib);
    }
  }
}
