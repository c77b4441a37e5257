/**
 * Nodes whose memory and disk space are used up by what lies and runs on them, that answer in an
 * order drawn from a seed, and notice when they are given more than they have.
 */
import type { NodeId } from '../../src/model/ids.js';
import type { CapacityClaim } from '../../src/ports/capacity.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';

export interface CrowdedOptions {
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly seed: number;
  /** Most turns that an answer takes. */
  readonly slowness: number;
}

export class CrowdedNodes {
  /** What was too much, in words. */
  readonly overcommitted: string[] = [];
  readonly rpc: NodeRpc;
  readonly #nodes: StubNodes;
  readonly #ids: readonly NodeId[];
  readonly #options: CrowdedOptions;
  readonly #draws: SeededIds;

  constructor(nodes: StubNodes, ids: readonly NodeId[], options: CrowdedOptions) {
    this.#nodes = nodes;
    this.#ids = ids;
    this.#options = options;
    this.#draws = new SeededIds(options.seed);
    this.rpc = new Proxy(nodes, {
      get: (target, name) => {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== 'function') return call;
        return (...values: unknown[]) =>
          this.#slowly((): unknown => Reflect.apply(call, target, values));
      },
    });
  }

  /** How many instances of a size there is room for. */
  roomFor(memoryMib: number, diskMib: number): number {
    const { memoryMib: memory, diskMib: disk } = this.#options;
    return this.#ids.length * Math.min(Math.floor(memory / memoryMib), Math.floor(disk / diskMib));
  }

  /**
   * Nodes on which more is used and claimed than there is, in words. Operations are called like
   * their instances: what is both used and claimed by the same counts once.
   */
  promisedTooMuch(claims: ReadonlyMap<string, readonly CapacityClaim[]>): readonly string[] {
    return this.#ids.flatMap((id) => {
      const { disks, running } = this.#nodes.state(id);
      const memory = new Map([...running].map(([name, guest]) => [name, guest.memoryMib]));
      const space = new Map<string, number>();
      for (const [path, size] of disks) {
        const name = path.split('/').at(-2) ?? '';
        space.set(name, (space.get(name) ?? 0) + size);
      }
      for (const [name, theirs] of claims) {
        for (const { node, memoryMib, diskMib } of theirs) {
          if (node !== id) continue;
          memory.set(name, Math.max(memory.get(name) ?? 0, memoryMib));
          space.set(name, Math.max(space.get(name) ?? 0, diskMib));
        }
      }
      const { memoryMib, diskMib } = this.#options;
      return [
        ...(sum(memory) > memoryMib ? [`${id} memory ${words(memory)}`] : []),
        ...(sum(space) > diskMib ? [`${id} disks ${words(space)}`] : []),
      ];
    });
  }

  async #slowly<T>(call: () => T): Promise<T> {
    await this.#turns();
    this.#tell();
    const answer = await call();
    this.#look();
    await this.#turns();
    return answer;
  }

  async #turns(): Promise<void> {
    const turns = this.#draws.integer(this.#options.slowness + 1);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  #tell(): void {
    for (const id of this.#ids) {
      const state = this.#nodes.state(id);
      const { memoryMib, diskMib } = this.#options;
      state.memoryTotalMib = memoryMib;
      state.storageTotalMib = diskMib;
      state.memoryFreeMib = memoryMib - this.#memoryOn(id);
      state.storageFreeMib = diskMib - this.#disksOn(id);
    }
  }

  #look(): void {
    for (const id of this.#ids) {
      const [memory, disks] = [this.#memoryOn(id), this.#disksOn(id)];
      if (memory > this.#options.memoryMib) this.overcommitted.push(`${id} memory ${memory}`);
      if (disks > this.#options.diskMib) this.overcommitted.push(`${id} disks ${disks}`);
    }
  }

  #memoryOn(id: NodeId): number {
    const guests = [...this.#nodes.state(id).running.values()];
    return guests.reduce((sum, { memoryMib }) => sum + memoryMib, 0);
  }

  #disksOn(id: NodeId): number {
    return [...this.#nodes.state(id).disks.values()].reduce((sum, size) => sum + size, 0);
  }
}

function sum(amounts: ReadonlyMap<string, number>): number {
  return [...amounts.values()].reduce((all, amount) => all + amount, 0);
}

function words(amounts: ReadonlyMap<string, number>): string {
  return [...amounts].map(([name, amount]) => `${name}: ${amount}`).join(', ');
}
