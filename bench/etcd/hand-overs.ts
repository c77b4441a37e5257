/**
 * A lock passes from an owner of one process to one of another that waits for it, and, for the
 * peer, a key is put on one connection until a watch on another one shows it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { OwnerId } from '../../src/ports/lock-manager.js';
import type { SharedStore } from '../../src/ports/shared-store.js';
import { BareEtcd } from './bare.js';
import { join, nodes, Owners } from './processes.js';

const KEY = 'bench/watched';

/** Two processes that hand one lock back and forth. */
export class HandOvers {
  readonly #owners = new Owners();
  readonly #writer: BareEtcd;
  readonly #watcher: BareEtcd;
  #revision = 0;
  #onShown: (() => void) | undefined;
  /** Who has the lock, and who gets it next. */
  #holder: { readonly store: SharedStore; readonly owner: OwnerId };
  #next: SharedStore;

  private constructor(endpoint: string, stores: readonly [SharedStore, SharedStore]) {
    this.#writer = new BareEtcd(endpoint);
    this.#watcher = new BareEtcd(endpoint);
    this.#holder = { store: stores[0], owner: this.#owners.next() };
    this.#next = stores[1];
  }

  /** Both processes are there, one of them has the lock, and the watch has begun. */
  static async open(endpoints: readonly string[]): Promise<HandOvers> {
    const prefix = 'bench/hand-over/';
    const stores = [await join(endpoints, prefix), await join(endpoints, prefix)] as const;
    const handOvers = new HandOvers(endpoints[0] ?? '', stores);
    await handOvers.#begin();
    return handOvers;
  }

  /** From the putting to the showing, milliseconds. */
  async bare(): Promise<number> {
    const shown = new Promise<void>((resolve) => (this.#onShown = resolve));
    const startMs = performance.now();
    const put = this.#writer.put(KEY, this.#revision, 'x');
    await shown;
    const ms = performance.now() - startMs;
    this.#revision = await put;
    return ms;
  }

  /** From the giving back to the having, milliseconds; the waiter has waited long enough. */
  async ours(): Promise<number> {
    const { store: from, owner } = this.#holder;
    const [to, waiter] = [this.#next, this.#owners.next()];
    const waiting = to.locks.acquire(waiter, nodes(1));
    while (!(await waits(from, waiter))) await wait(1);
    const startMs = performance.now();
    const written = from.locks.release(owner, 'all');
    await waiting;
    const ms = performance.now() - startMs;
    await written;
    this.#holder = { store: to, owner: waiter };
    this.#next = from;
    return ms;
  }

  /** Ends all. */
  async close(): Promise<void> {
    this.#writer.close();
    this.#watcher.close();
    await Promise.all([this.#holder.store.close(), this.#next.close()]);
  }

  async #begin(): Promise<void> {
    const { store, owner } = this.#holder;
    await store.locks.acquire(owner, nodes(1));
    await this.#watcher.watch(KEY, () => this.#onShown?.());
  }
}

/** Whether a process has seen that somebody waits. */
async function waits({ locks }: SharedStore, owner: OwnerId): Promise<boolean> {
  const { pending } = await locks.explain();
  return pending.some((each) => each.owner === owner);
}
