/**
 * Several processes on one store in memory, with the same stub nodes: each has a configuration, a
 * journal and a processor of its own.
 */
import { expect } from 'vitest';
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { initConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { CreateResult } from '../../src/instance-create/types.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import type { RecoveredOperation } from '../../src/journal/recover.js';
import type { Network } from '../../src/model/network.js';
import { NIC_DEFAULTS } from '../../src/model/nic.js';
import { openCluster, type OpenCluster } from '../../src/open-cluster.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { shareStore } from '../../src/ports/shared-store.js';
import type { RunOptions } from '../../src/processor.js';
import { makeCluster, makeGroup, makeNode, nodeIdOf } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubNodes, type StubNodesOptions } from '../../src/testing/stub-nodes.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { LENIENT_POLICY, request } from '../instance-create/support.js';
import { LockService, type ProcessLocks } from './fake-locks.js';

/** One process. */
export interface Process {
  readonly cluster: OpenCluster;
  readonly locks: ProcessLocks;
  /** What it was told to have finished for others. */
  readonly takenOver: RecoveredOperation[];
}

/** How one process sees store and nodes. */
export interface View {
  readonly store?: KvStore;
  readonly rpc?: NodeRpc;
  /** Whether it is told that it is the only one. */
  readonly alone?: boolean;
}

/** What they share. */
export interface World {
  readonly store: MemoryKvStore;
  readonly nodes: StubNodes;
  readonly service: LockService;
  /** One line per call to a node. */
  readonly calls: string[];
  readonly clock: ManualClock;
  /** Opens another process, which may see store and nodes in its own way. */
  start(sees?: View): Promise<Process>;
}

export interface WorldOptions extends Partial<StubNodesOptions> {
  readonly networks?: readonly Network[];
  readonly store?: MemoryKvStore;
  /** How many nodes there are; two if not given. */
  readonly nodeCount?: number;
}

/** A cluster without a process yet. */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const { networks = [], store = new MemoryKvStore(), nodeCount = 2, ...rest } = options;
  const clock = new ManualClock();
  const calls: string[] = [];
  const names = Array.from({ length: nodeCount }, (_, n) => `node${n + 1}`);
  const nodes = new StubNodes({
    nodes: new Map(names.map((name) => [nodeIdOf(name), name])),
    log: (line) => calls.push(line),
    clock,
    ...rest,
  });
  const connected = networks.map((network) => [network.id, NIC_DEFAULTS] as const);
  await initConfig({
    store,
    clock,
    networks,
    cluster: makeCluster(nodeIdOf('node1'), {
      enabledDiskTemplates: ['file', 'drbd', 'diskless'],
      volumeGroup: 'xenvg',
      defaultAllocator: 'most-free',
      policy: LENIENT_POLICY,
    }),
    nodes: names.map((name) => makeNode(name)),
    groups: [makeGroup({ networks: Object.fromEntries(connected) })],
  });
  const service = new LockService(store, clock);
  let started = 0;
  const start: World['start'] = async (sees = {}) => {
    const locks = service.join();
    const takenOver: RecoveredOperation[] = [];
    const membership = { id: `p${started}`, signal: locks.lost, leave: () => Promise.resolve() };
    const cluster = await openCluster({
      store: sees.alone === true ? store : shareStore(sees.store ?? store, { locks, membership }),
      rpc: sees.rpc ?? nodes,
      hooks: nodes,
      resolver: new StubResolver({}, []),
      hypervisors: [new StubHypervisor('fake')],
      allocators: [new MostFreeAllocator()],
      undoActions: instanceUndoActions,
      undoRetry: { attempts: 1, delayMs: 0 },
      onTakenOver: (operation) => takenOver.push(operation),
      clock,
      ids: new SeededIds(Number(process.env['SEED']) + ++started),
    });
    return { cluster, locks, takenOver };
  };
  return { store, nodes, service, calls, clock, start };
}

/** Creates an instance through a process. */
export function create(
  { cluster }: Process,
  changes: Partial<CreateOp> = {},
  options: RunOptions = {},
): Promise<CreateResult> {
  return cluster.run(new LUInstanceCreate(), request(changes), options);
}

/** Expects that nothing is left of what has failed, and nothing is held. */
export async function expectNothingLeft(world: World, about: string): Promise<void> {
  const { entries } = await world.store.range('');
  const keys = entries.map(({ key }) => key);
  const left = keys.filter((key) =>
    /^(journal|locks)\/|^config\/(claimed|instance|disk)\//.test(key),
  );
  expect([...left, ...world.nodes.leftovers()], about).toEqual([]);
  expect(world.service.table.explain(), about).toEqual({ locks: [], pending: [] });
}

/** Lets all that is ready run, a number of times. */
export async function settle(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
