/**
 * One of the processes, over all its lives: opens store and cluster, runs what it is given, and
 * opens again after it has lost its locks, or was started anew after a crash.
 */
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import { join } from '../../src/etcd/join-etcd.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { whereOf } from '../../src/model/disk.js';
import { openCluster, type OpenCluster } from '../../src/open-cluster.js';
import type { Membership } from '../../src/ports/membership.js';
import { shareStore, type SharedStore } from '../../src/ports/shared-store.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { FarNodes, type Site } from './far-nodes.js';
import { farLeases } from './far-lease.js';
import { FarStore } from './far-store.js';
import type { Tools } from './jobs.js';
import type { ReadRegister } from './lu-count.js';
import { Machine } from './machine.js';
import type { StoreServer } from './store-server.js';

/** The time of a lease: the shortest that is allowed, so that most happens. */
export const LEASE_MS = 10_000;

/** What processes share. */
export interface Surroundings extends Site {
  readonly server: StoreServer;
  readonly fencing: boolean;
}

/** A life of a process. */
export interface Life {
  readonly cluster: OpenCluster;
  readonly store: SharedStore;
  readonly membership: Membership;
  readonly machine: Machine;
  readonly tools: Tools;
}

export class ControlPlane {
  readonly name: string;
  readonly #around: Surroundings;
  readonly #onOpen: (life: Life) => void;
  #machine: Machine;
  #life: Life | undefined;
  /** Each life by the id of its membership. */
  readonly #members = new Map<
    string,
    { readonly membership: Membership; readonly machine: Machine }
  >();

  /** `onOpen`: told of each life when it is open. */
  constructor(name: string, around: Surroundings, onOpen: (life: Life) => void) {
    this.name = name;
    this.#around = around;
    this.#onOpen = onOpen;
    this.#machine = new Machine(name, around.world, around.world.between(-2000, 2000));
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** The life that is open; `undefined` between lives. */
  get life(): Life | undefined {
    return this.#life;
  }

  /** Whether a member is one of this process, runs, and believes in its locks. */
  believes(member: string): boolean {
    const known = this.#members.get(member);
    if (known === undefined) return false;
    const { machine, membership } = known;
    return !machine.isDead && !machine.standsStill && !membership.signal.aborted;
  }

  /** Begins to live; never comes to an end by itself. */
  async live(): Promise<void> {
    const machine = this.#machine;
    while (!machine.isDead) {
      const life = await this.#open(machine).catch((error: unknown) => this.#failed(error));
      if (life !== undefined) {
        this.#life = life;
        this.#around.world.note(`${this.name} is ${life.membership.id}`);
        this.#onOpen(life);
        await gone(life);
        this.#around.world.note(`${this.name} is out`);
        this.#life = undefined;
        await life.cluster.close();
        await life.store.close();
      }
      await new Promise<void>((resolve) => void machine.timer(1000, resolve));
    }
  }

  /** Dies, and is started anew after a while. */
  crash(downMs: number): void {
    const { world } = this.#around;
    const { shiftMs } = this.#machine;
    this.#machine.die();
    this.#life = undefined;
    const next = new Machine(this.name, world, shiftMs);
    this.#machine = next;
    // It may have died again meanwhile.
    world.at(downMs, () => (next.isDead ? undefined : void this.live()));
  }

  #failed(error: unknown): undefined {
    const words = error instanceof Error ? `${error.name} ${error.message}` : String(error);
    this.#around.world.note(`${this.name} could not open: ${words}`);
  }

  async #open(machine: Machine): Promise<Life> {
    const { world, network, server, fencing } = this.#around;
    const ids = new SeededIds(world.below(2 ** 31));
    const line = { machine, network, server };
    const parts = { client: farLeases(line), prefix: '', clock: machine, ids, ttlMs: LEASE_MS };
    const membership = await join(parts);
    this.#members.set(membership.id, { membership, machine });
    const kv = new FarStore(line, { fencing });
    try {
      const lockStore = new FarStore(line, { fencing: true });
      const locks = await SharedLockManager.open({ kv: lockStore, membership, clock: machine });
      const store = shareStore(kv, { locks, membership });
      const nodes = new FarNodes(this.#around, machine);
      const cluster = await this.#openCluster(store, nodes, machine, ids);
      return { cluster, store, membership, machine, tools: { cluster, read: this.#reader(nodes) } };
    } catch (error) {
      await kv.close();
      await membership.leave();
      throw error;
    }
  }

  #openCluster(
    store: SharedStore,
    nodes: FarNodes,
    clock: Machine,
    ids: SeededIds,
  ): Promise<OpenCluster> {
    return openCluster({
      store,
      rpc: nodes.rpc,
      hooks: nodes.hooks,
      resolver: new StubResolver({}, []),
      hypervisors: [new StubHypervisor('fake')],
      allocators: [new MostFreeAllocator()],
      undoActions: instanceUndoActions,
      onTakenOver: ({ id, undone, leaked }) => {
        const words = `${this.name} finished ${id}: ${undone.length} undone, ${leaked.length} left`;
        this.#around.world.note(words);
      },
      clock,
      ids,
    });
  }

  #reader(nodes: FarNodes): ReadRegister {
    const { nodes: stubs } = this.#around;
    return (node, disk) => {
      return nodes.ask(node, () => {
        const contents = stubs.state(node).contents.get(whereOf(disk.location));
        return contents === undefined ? 0 : Number(new TextDecoder().decode(contents));
      });
    };
  }
}

/** Resolves when the life is over, unless its machine dies. */
function gone({ cluster }: Life): Promise<void> {
  const { lost } = cluster.locks;
  return new Promise((resolve) => {
    if (lost === undefined || lost.aborted) resolve();
    else lost.addEventListener('abort', () => resolve(), { once: true });
  });
}
