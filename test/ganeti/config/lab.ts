/**
 * A cluster that Ganeti has configured, taken over: operations run on it, on nodes in memory, and
 * what it has become is written in Ganeti's form again.
 */
import { allHypervisors } from '../../../src/hypervisors/all.js';
import { initConfig } from '../../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../../src/config/memory-kv-store.js';
import { readConfigData } from '../../../src/ganeti/config/read.js';
import { writeConfigData } from '../../../src/ganeti/config/write.js';
import { decodeExport } from '../../../src/ganeti/export/decode.js';
import { encodeExport } from '../../../src/ganeti/export/encode.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { instanceUndoActions } from '../../../src/instance-create/undo-actions.js';
import { whereOf } from '../../../src/model/disk.js';
import { type OpenCluster, openCluster } from '../../../src/open-cluster.js';
import type { Allocator } from '../../../src/ports/allocator.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';
import { StubNodes } from '../../../src/testing/stub-nodes.js';
import { StubResolver } from '../../../src/testing/stub-resolver.js';
import { StubTransfers } from '../../../src/testing/stub-transfers.js';

/** The cluster, and the machines under it. */
export interface TakenOver {
  readonly cluster: OpenCluster;
  readonly nodes: StubNodes;
  readonly transfers: StubTransfers;
  readonly clock: ManualClock;
  /** The configuration as it is now, in Ganeti's form. */
  readonly written: () => JsonObject;
}

/** OS definitions that the recorded clusters had. */
const OSES = ['noop', 'dumpos'].map((name) => {
  const variants = name === 'noop' ? [] : ['v1', 'v2'];
  return [name, { name, apiVersions: [20], variants, parameters: [], trusted: true }] as const;
});

/** Ganeti does not look whether files have room; one of the recorded ones had none. */
const HUGE = { storageTotalMib: 2 ** 22, storageFreeMib: 2 ** 21 };

/** How it is opened. */
export interface TakeOverOptions {
  readonly allocators?: readonly Allocator[];
  /** What names resolve to. */
  readonly hostnames?: Readonly<Record<string, string>>;
}

/** Takes a configuration over, and opens the cluster. Its disks exist on its nodes. */
export async function openTakenOver(
  config: JsonObject,
  { allocators = [], hostnames = {} }: TakeOverOptions = {},
): Promise<TakenOver> {
  const { rest, ...objects } = readConfigData(config);
  const [store, clock, transfers] = [new MemoryKvStore(), new ManualClock(), new StubTransfers()];
  await initConfig({ store, clock, keepStamps: true, ...objects });
  const nodes = new StubNodes({
    nodes: new Map(objects.nodes.map(({ id, name }) => [id, name])),
    log: () => undefined,
    clock,
    initial: { osDefinitions: new Map(OSES), bridges: new Set(['br0']), ...HUGE },
  });
  Object.assign(nodes, transfers.calls);
  const everywhere = objects.nodes.map(({ id }) => id);
  for (const { nodes: own, location, sizeMib } of objects.disks) {
    // Storage that is on no node is reached from all of them.
    const places = own.length === 0 ? everywhere : own;
    for (const node of places) nodes.state(node).disks.set(whereOf(location), sizeMib);
  }
  const cluster = await openCluster({
    store,
    clock,
    ids: new SeededIds(1),
    rpc: nodes,
    hooks: nodes,
    resolver: new StubResolver(hostnames),
    hypervisors: allHypervisors(),
    allocators,
    undoActions: instanceUndoActions,
    site: { exportFormat: decodeExport, exportWriter: encodeExport },
  });
  return {
    cluster,
    nodes,
    transfers,
    clock,
    written: () => writeConfigData(cluster.config, rest),
  };
}

/** The objects of a kind, by id. */
export function objectsIn(config: JsonObject, kind: string): Readonly<Record<string, JsonObject>> {
  return config[kind] as Readonly<Record<string, JsonObject>>;
}

/** The instance of a name. */
export function instanceIn(config: JsonObject, name: string): JsonObject {
  const found = Object.values(objectsIn(config, 'instances')).find(
    (instance) => instance['name'] === name,
  );
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** The configuration before an instance was made: its addresses and its port are free. */
export function withoutInstance(config: JsonObject, name: string): JsonObject {
  const instance = instanceIn(config, name);
  const { uuid, disks, network_port: port } = instance;
  const gone = new Set([uuid, ...(disks as readonly string[])]);
  const others = (kind: string): JsonObject =>
    Object.fromEntries(Object.entries(objectsIn(config, kind)).filter(([id]) => !gone.has(id)));
  const cluster = config['cluster'] as JsonObject;
  const pool = cluster['tcpudp_port_pool'] as readonly number[];
  return {
    ...config,
    cluster: { ...cluster, tcpudp_port_pool: [...pool, ...(port === undefined ? [] : [port])] },
    instances: others('instances'),
    disks: others('disks'),
    networks: freed(objectsIn(config, 'networks'), instance),
  };
}

function freed(networks: Readonly<Record<string, JsonObject>>, instance: JsonObject): JsonObject {
  const free: Record<string, JsonObject> = { ...networks };
  for (const { network, ip } of instance['nics'] as readonly Readonly<Record<string, string>>[]) {
    const before = free[network ?? ''];
    if (network === undefined || ip === undefined || before === undefined) continue;
    const marks = [...(before['reservations'] as string)];
    marks[Number(ip.split('.')[3])] = '0';
    free[network] = { ...before, reservations: marks.join('') };
  }
  return free;
}

/** Names of instances, in order. */
export function namesIn(config: JsonObject): readonly string[] {
  return Object.values(objectsIn(config, 'instances'))
    .map(({ name }) => name as string)
    .sort();
}
