/**
 * The store's own side: keys and values, leases by the server's time, and moments in which there is
 * no leader, so that nothing is answered but that.
 */
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { KvOp, KvTxnResult } from '../../src/ports/kv-store.js';
import type { Timer } from '../../src/ports/clock.js';
import type { World } from './world.js';

/** What the server says while it has no leader. Nothing was changed. */
export class NoLeader extends Error {}

interface Lease {
  readonly ttlMs: number;
  readonly keys: Set<string>;
  timer: Timer;
}

/** A change, as those who look on from outside see it. */
export type OnChange = (ops: readonly KvOp[], revision: number) => void;

export class StoreServer {
  readonly kv: MemoryKvStore;
  readonly name = 'store';
  readonly #world: World;
  readonly #leases = new Map<string, Lease>();
  readonly #onChange: OnChange;
  #leaderFromMs = 0;
  #drawn = 0;

  /** `history`: how many changes it remembers. */
  constructor(world: World, history: number, onChange: OnChange) {
    this.#world = world;
    this.kv = new MemoryKvStore({ history });
    this.#onChange = onChange;
  }

  get hasLeader(): boolean {
    return this.#world.nowMs >= this.#leaderFromMs;
  }

  /** No leader for a while; after that all leases begin anew, as those of etcd do. */
  elect(forMs: number): void {
    this.#leaderFromMs = this.#world.nowMs + forMs;
    for (const [id, lease] of this.#leases) this.#start(id, lease, forMs);
  }

  async txn(...[compare, ops]: Parameters<MemoryKvStore['txn']>): Promise<KvTxnResult> {
    const result = await this.kv.txn(compare, ops);
    if (result.committed && ops.length > 0) this.#onChange(ops, result.revision);
    return result;
  }

  grant(ttlMs: number): string {
    const id = `lease${++this.#drawn}`;
    const lease: Lease = { ttlMs, keys: new Set(), timer: { cancel: () => undefined } };
    this.#leases.set(id, lease);
    this.#start(id, lease, 0);
    return id;
  }

  /** Ties a key to a lease; false if there is no such lease. */
  attach(id: string, key: string): boolean {
    const lease = this.#leases.get(id);
    lease?.keys.add(key);
    return lease !== undefined;
  }

  /** Starts a lease anew; answers its time, 0 if it is gone. */
  keep(id: string): number {
    const lease = this.#leases.get(id);
    if (lease === undefined) return 0;
    this.#start(id, lease, 0);
    return lease.ttlMs;
  }

  async revoke(id: string): Promise<void> {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    lease.timer.cancel();
    this.#leases.delete(id);
    const ops: KvOp[] = [...lease.keys].map((key) => ({ op: 'delete', key }));
    if (ops.length > 0) await this.txn([], ops);
  }

  #start(id: string, lease: Lease, afterMs: number): void {
    lease.timer.cancel();
    lease.timer = this.#world.at(afterMs + lease.ttlMs, () => {
      this.#world.note(`store ends ${id}`);
      return this.revoke(id);
    });
  }
}
