/**
 * The cluster on which one vector is replayed: real processor, locks, configuration and journal in
 * memory; recorded nodes, resolver and allocator; a clock that only sleeping moves.
 */
import { GANETI_COMPATIBILITY } from '../../../src/compatibility.js';
import { initConfig } from '../../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../../src/config/memory-kv-store.js';
import { type ConfigData, readConfigData } from '../../../src/ganeti/config/read.js';
import { writeConfigData } from '../../../src/ganeti/config/write.js';
import { decodeExport } from '../../../src/ganeti/export/decode.js';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import type { OpcodeJob } from '../../../src/ganeti/opcode/params.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { instanceUndoActions } from '../../../src/instance-create/undo-actions.js';
import { allHypervisors } from '../../../src/hypervisors/all.js';
import { Secret } from '../../../src/model/secret.js';
import { openCluster, type OpenCluster } from '../../../src/open-cluster.js';
import type { Site } from '../../../src/ports/site.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';
import { opened } from '../compare/opened.js';
import { Placeholders } from '../compare/placeholders.js';
import type { JsonDict, Vector, WireLine } from '../vectors/types.js';
import { applyEvent } from './config-event.js';
import { lateBound } from './late-bound.js';
import { ObservedCreate } from './observed-create.js';
import { allocatorNames, RecordedAllocations } from './recorded-allocator.js';
import { runnerAllocator } from './runner-allocator.js';
import { RecordedResolver } from './recorded-resolver.js';
import { RecordedTransport } from './recorded-transport.js';
import { ReplayLocks } from './replay-locks.js';
import { VirtualClock } from './virtual-clock.js';

/** Everything around one run. */
export interface World {
  readonly cluster: OpenCluster;
  readonly lu: ObservedCreate;
  readonly transport: RecordedTransport;
  readonly allocations: RecordedAllocations;
  readonly placeholders: Placeholders;
  /** The configuration before the run, as the library writes it. */
  readonly before: JsonObject;
  /** The configuration now. */
  now(): JsonObject;
}

/** What goes with a vector. */
export interface WorldOptions {
  /** Its configuration. */
  readonly config: JsonDict;
  /** How its calls are encoded. */
  readonly wire: WireLine | undefined;
  /** What its opcode says of its job. */
  readonly job: OpcodeJob;
}

/** Builds the cluster of a vector. */
export async function openWorld(
  vector: Vector,
  { config, wire, job }: WorldOptions,
): Promise<World> {
  const decoded = readConfigData(opened(config) as JsonObject);
  const clock = new VirtualClock(vector.environment.now);
  const placeholders = new Placeholders(vector.placeholders);
  const transport = new RecordedTransport(vector, placeholders, wire);
  const allocations = new RecordedAllocations(vector, placeholders);
  const resolver = new RecordedResolver(vector.environment);
  const store = new MemoryKvStore();
  await initConfig({ store, clock, ...decoded });
  const later: { cluster?: OpenCluster } = {};
  const reader = lateBound(() => later.cluster?.config);
  const lu: ObservedCreate = new ObservedCreate(() => locks);
  const locks: ReplayLocks = new ReplayLocks({
    clock,
    busyNodes: vector.environment.busy_locks ?? [],
    onLevel: eventAtNodes(vector, decoded, lu, () => cluster),
  });
  const nodes = new GanetiNodes({ transport, config: reader, job, looksBefore: false });
  const names = allocatorNames(vector, clusterOf(config)['default_iallocator']);
  const cluster = await openCluster({
    store,
    clock,
    ids: new SeededIds(seedOf(vector.id)),
    rpc: nodes,
    hooks: nodes,
    resolver,
    hypervisors: allHypervisors(),
    allocators:
      vector.environment.iallocator_mode === 'captured'
        ? names.map((name) => allocations.allocator(name))
        : names.map((name) => runnerAllocator(name, { transport, allocations, config: reader })),
    undoActions: instanceUndoActions,
    undoRetry: { attempts: 1, delayMs: 0 },
    locks,
    compatibility: GANETI_COMPATIBILITY,
    dataDir: vector.environment.pathutils['DATA_DIR'] ?? '/var/lib/ganeti',
    site: siteOf(vector),
  });
  later.cluster = cluster;
  const now = (): JsonObject => writeConfigData(cluster.config, decoded.rest);
  return { cluster, lu, transport, allocations, placeholders, before: now(), now };
}

function siteOf({ environment }: Vector): Partial<Site> {
  const { EXPORT_DIR: exportDir } = environment.pathutils;
  const secret = environment.cluster_domain_secret;
  return {
    exportFormat: decodeExport,
    ...(exportDir === undefined ? {} : { exportDir }),
    ...(secret === null ? {} : { domainSecret: new Secret(secret) }),
  };
}

/** The event happens once, when the nodes' locks are asked for. */
function eventAtNodes(
  { environment: { config_event: event } }: Vector,
  { rest }: ConfigData,
  lu: ObservedCreate,
  cluster: () => OpenCluster,
): (level: string) => Promise<void> {
  let isPending = event !== undefined;
  return async (level) => {
    lu.onLevel(level);
    if (event === undefined || !isPending || level !== 'node') return;
    isPending = false;
    await applyEvent(event, cluster().config, rest);
  };
}

function clusterOf(config: JsonDict): JsonDict {
  return config['cluster'] as JsonDict;
}

/** Any number that a vector always has and others have not. */
function seedOf(id: string): number {
  let seed = 7;
  for (const char of id) seed = (Math.imul(seed, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return seed;
}
