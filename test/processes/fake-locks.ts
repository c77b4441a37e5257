/**
 * Locks which several processes of a test share: one lock manager in memory, with fences that lie
 * in the store. A process can be told that it has lost all, and the owners of a process can be
 * handed to another one, whether the first knows it or not.
 */
import { LockLost } from '../../src/errors.js';
import { MemoryLockManager } from '../../src/locks/manager.js';
import type { LockLevel, LockMode, LockName } from '../../src/model/lock.js';
import type { Clock } from '../../src/ports/clock.js';
import type { LockFence } from '../../src/ports/fence.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type {
  AvailableWait,
  LockManager,
  LockReport,
  LockRequest,
  LockUnit,
  LockWait,
  OwnerId,
  TakeOver,
} from '../../src/ports/lock-manager.js';

const fenceKey = (owner: OwnerId): string => `locks/fence/${owner}`;

/** The truth: who has which locks, and through which process. */
export class LockService {
  readonly store: KvStore;
  readonly table: MemoryLockManager;
  readonly owners = new Map<OwnerId, ProcessLocks>();

  constructor(store: KvStore, clock: Clock) {
    this.store = store;
    this.table = new MemoryLockManager({ clock });
  }

  /** One process's door. */
  join(): ProcessLocks {
    return new ProcessLocks(this);
  }

  /** Grows the owner's token. */
  async renew(owner: OwnerId): Promise<number> {
    const { revision } = await this.store.txn([], [{ op: 'put', key: fenceKey(owner), value: '' }]);
    return revision;
  }

  /** Drops the owner's locks and fence. */
  async end(owner: OwnerId): Promise<void> {
    this.owners.delete(owner);
    void this.table.release(owner, 'all');
    await this.store.txn([], [{ op: 'delete', key: fenceKey(owner) }]);
  }

  /** Hands all owners of one process to another, which finishes what they began. */
  async handOver(from: ProcessLocks, to: ProcessLocks): Promise<void> {
    const owners = [...this.owners].filter(([, process]) => process === from);
    from.freeze(owners.map(([owner]) => owner));
    for (const [owner] of owners) {
      await to.adopt(owner);
      await to.handler?.(owner);
      await this.end(owner);
    }
  }
}

/** The locks as one process has them. */
export class ProcessLocks implements LockManager {
  handler: TakeOver | undefined;
  readonly #service: LockService;
  readonly #lost = new AbortController();
  readonly #tokens = new Map<OwnerId, number>();
  /** What a dead process still believes. */
  #past: ReadonlyMap<OwnerId, ReadonlyMap<LockName, LockMode>> | undefined;

  constructor(service: LockService) {
    this.#service = service;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The process's time is up. */
  lose(): void {
    this.#lost.abort(new LockLost('The lease of this process has run out'));
  }

  /** It counts as dead, and goes on as if nothing had happened, until it asks for more. */
  freeze(owners: readonly OwnerId[]): void {
    this.#past = new Map(owners.map((owner) => [owner, new Map(this.held(owner))]));
  }

  /** An owner of another process is this one's from now on. */
  async adopt(owner: OwnerId): Promise<void> {
    this.#service.owners.set(owner, this);
    this.#tokens.set(owner, await this.#service.renew(owner));
  }

  async acquire(
    owner: OwnerId,
    requests: readonly LockRequest[],
    wait: LockWait = {},
  ): Promise<void> {
    this.#mustLive();
    await this.#service.table.acquire(owner, requests, wait);
    await this.#granted(owner);
  }

  async acquireAvailable(
    owner: OwnerId,
    candidates: readonly LockUnit[],
    mode: LockMode,
    wait: AvailableWait,
  ): Promise<readonly LockUnit[]> {
    this.#mustLive();
    const units = await this.#service.table.acquireAvailable(owner, candidates, mode, wait);
    await this.#granted(owner);
    return units;
  }

  release(owner: OwnerId, locks: Iterable<LockName> | 'all'): Promise<void> | undefined {
    if (!this.#mayAct(owner)) return undefined;
    if (locks !== 'all') return this.#service.table.release(owner, locks);
    this.#tokens.delete(owner);
    return this.#service.end(owner);
  }

  narrow(owner: OwnerId, level: LockLevel, names: Iterable<string>): undefined {
    if (this.#mayAct(owner)) this.#service.table.narrow(owner, level, names);
  }

  downgrade(owner: OwnerId, locks: Iterable<LockName>): undefined {
    if (this.#mayAct(owner)) this.#service.table.downgrade(owner, locks);
  }

  held(owner: OwnerId): ReadonlyMap<LockName, LockMode> {
    return this.#past?.get(owner) ?? this.#service.table.held(owner);
  }

  explain(): LockReport {
    return this.#service.table.explain();
  }

  fence(owner: OwnerId): LockFence | undefined {
    const token = this.#tokens.get(owner);
    if (token === undefined) return undefined;
    return { token, compare: { key: fenceKey(owner), revision: token }, locks: this.held(owner) };
  }

  async renew(owner: OwnerId): Promise<void> {
    this.#mustLive();
    await this.adopt(owner);
  }

  takeOver(handler: TakeOver): () => void {
    this.handler = handler;
    return () => (this.handler = undefined);
  }

  async #granted(owner: OwnerId): Promise<void> {
    this.#mustLive();
    await this.adopt(owner);
  }

  #mustLive(): void {
    this.lost.throwIfAborted();
    if (this.#past !== undefined) throw new LockLost('This process counts as dead');
  }

  #mayAct(owner: OwnerId): boolean {
    return !this.lost.aborted && this.#service.owners.get(owner) === this;
  }
}
