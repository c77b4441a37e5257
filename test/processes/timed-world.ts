/**
 * Processes with locks of their own kind, in time that a test drives: calls to nodes take a while,
 * and so does the store, if processes share it. Nothing sleeps; time jumps to the next event.
 */
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { initConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { CreateResult } from '../../src/instance-create/types.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import type { RecoveredOperation } from '../../src/journal/recover.js';
import type { NodeId } from '../../src/model/ids.js';
import { eachCall } from '../../src/fenced/node-calls.js';
import { type OpenCluster, openCluster } from '../../src/open-cluster.js';
import { sleep } from '../../src/ports/clock.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { shareStore } from '../../src/ports/shared-store.js';
import type { RunOptions } from '../../src/processor.js';
import { makeCluster, makeGroup, makeNode, nodeIdOf } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { FakeMembership } from '../etcd-locks/fake-membership.js';
import { LENIENT_POLICY } from '../instance-create/support.js';
import { settle } from './world.js';

export interface TimedOptions {
  readonly nodes: number;
  /** Alone with locks in memory if 1 and the store takes no time; else they share them. */
  readonly processes: number;
  /** What a question and a command to nodes take, and a transaction or a reading; milliseconds. */
  readonly questionMs: number;
  readonly commandMs: number;
  readonly storeMs: number;
  /** The nodes as they are seen, in place of the stub nodes themselves. */
  readonly see?: (nodes: StubNodes, ids: readonly NodeId[]) => NodeRpc;
}

export interface TimedProcess {
  readonly cluster: OpenCluster;
  readonly membership: FakeMembership;
  readonly takenOver: RecoveredOperation[];
}

export class TimedWorld {
  readonly clock = new ManualClock();
  readonly store = new MemoryKvStore();
  readonly processes: TimedProcess[] = [];
  readonly nodes: StubNodes;
  /** One line per call to a node. */
  readonly calls: string[] = [];
  readonly #options: TimedOptions;
  readonly #names: readonly string[];

  private constructor(options: TimedOptions) {
    this.#options = options;
    this.#names = Array.from({ length: options.nodes }, (_, n) => `node${n + 1}`);
    this.nodes = new StubNodes({
      nodes: new Map(this.#names.map((name) => [nodeIdOf(name), name])),
      log: (line) => this.calls.push(line),
      clock: this.clock,
    });
  }

  static async open(options: TimedOptions): Promise<TimedWorld> {
    const world = new TimedWorld(options);
    await initConfig({
      store: world.store,
      clock: world.clock,
      cluster: makeCluster(nodeIdOf('node1'), {
        enabledDiskTemplates: ['file', 'diskless'],
        defaultAllocator: 'most-free',
        policy: LENIENT_POLICY,
      }),
      nodes: world.#names.map((name) => makeNode(name)),
      groups: [makeGroup()],
    });
    for (let n = 0; n < options.processes; n++) {
      world.processes.push(await world.drive(world.#start(n)));
    }
    return world;
  }

  /** Creates an instance through a process. */
  create(at: number, op: CreateOp, options: RunOptions = {}): Promise<CreateResult> {
    const process = this.processes[at % this.processes.length];
    if (process === undefined) throw new Error('There is no process');
    return process.cluster.run(new LUInstanceCreate(), op, options);
  }

  /** Lets time pass until the work is done. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    work.then(end, end);
    await this.until(() => isDone);
    return work;
  }

  /** Lets time pass until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    for (;;) {
      await settle(3);
      if (isSo()) return;
      if (await this.clock.advanceToNext()) continue;
      await settle();
      if (!isSo() && this.clock.timers === 0) throw new Error('Nothing happens any more');
    }
  }

  async #start(number: number): Promise<TimedProcess> {
    const { clock, store, nodes } = this;
    const { processes, storeMs } = this.#options;
    const takenOver: RecoveredOperation[] = [];
    const membership = await FakeMembership.join(store, `p${number}`);
    const kv = this.#slowStore();
    const isAlone = processes === 1 && storeMs === 0;
    const shared = async () =>
      shareStore(kv, {
        locks: await SharedLockManager.open({ kv, membership, clock }),
        membership,
      });
    const cluster = await openCluster({
      store: isAlone ? store : await shared(),
      rpc: this.#slowNodes(),
      hooks: {
        runHooks: async (...values) => {
          await sleep(clock, this.#options.questionMs);
          return nodes.runHooks(...values);
        },
      },
      resolver: new StubResolver({}, []),
      hypervisors: [new StubHypervisor('fake')],
      allocators: [new MostFreeAllocator()],
      undoActions: instanceUndoActions,
      onTakenOver: (operation) => takenOver.push(operation),
      clock,
      ids: new SeededIds(Number(process.env['SEED']) + number),
    });
    return { cluster, membership, takenOver };
  }

  #slowNodes(): NodeRpc {
    const { questionMs, commandMs, see } = this.#options;
    const seen = see?.(this.nodes, this.#names.map(nodeIdOf)) ?? this.nodes;
    return eachCall(seen, (method, _name, kind) => async (target, request, call) => {
      const oneWayMs = (kind === 'question' ? questionMs : commandMs) / 2;
      await sleep(this.clock, oneWayMs);
      const answer = await method(target, request, call);
      await sleep(this.clock, oneWayMs);
      return answer;
    });
  }

  #slowStore(): KvStore {
    const { store, clock } = this;
    const oneWayMs = this.#options.storeMs / 2;
    const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
      await sleep(clock, oneWayMs);
      const answer = await work();
      await sleep(clock, oneWayMs);
      return answer;
    };
    return {
      get: (key) => slowly(() => store.get(key)),
      range: (prefix) => slowly(() => store.range(prefix)),
      txn: (compare, ops) => slowly(() => store.txn(compare, ops)),
      watch: (prefix, after, signal) => store.watch(prefix, after, signal),
      close: () => store.close(),
    };
  }
}
