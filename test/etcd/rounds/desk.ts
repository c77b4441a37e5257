/**
 * One process's share of the locks, for as long as it lives: it may die with all that it holds, and
 * another one comes in its place. Whoever lives finishes what the dead one has begun.
 */
import { joinEtcd, SharedLockManager } from '../../../src/etcd/index.js';
import type { EtcdKvStore } from '../../../src/etcd/etcd-kv-store.js';
import { systemIds } from '../../../src/local/random-ids.js';
import { systemClock } from '../../../src/local/system-clock.js';
import type { OwnerId } from '../../../src/ports/lock-manager.js';
import type { Membership } from '../../../src/ports/membership.js';

/** Finishes the work of a dead process's owner; it holds the owner's locks meanwhile. */
export type Heir = (manager: SharedLockManager, store: EtcdKvStore) => Promise<void>;

interface Life {
  readonly membership: Membership;
  readonly manager: SharedLockManager;
}

/** A process, its lives, and who finishes what. */
export class Desk {
  readonly #store: EtcdKvStore;
  readonly #heirs: ReadonlyMap<OwnerId, Heir>;
  #life: Life | undefined;

  constructor(store: EtcdKvStore, heirs: ReadonlyMap<OwnerId, Heir>) {
    this.#store = store;
    this.#heirs = heirs;
  }

  /** Whether it was told that it is dead, without having died by itself. */
  get wasLost(): boolean {
    return this.#life?.manager.lost.aborted === true;
  }

  /** The locks as this process has them; `undefined` if it cannot come to life now. */
  async manager(): Promise<SharedLockManager | undefined> {
    if (this.wasLost) this.#life = undefined;
    try {
      this.#life ??= await this.#begin();
      return this.#life.manager;
    } catch {
      return undefined;
    }
  }

  /** Dies. What its owners hold stays taken until somebody has finished their work. */
  async die(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    await life?.membership.leave();
  }

  async #begin(): Promise<Life> {
    const clock = systemClock();
    const membership = await joinEtcd({ store: this.#store, clock, ids: systemIds() });
    try {
      const manager = await SharedLockManager.open({ kv: this.#store, membership, clock });
      manager.takeOver(async (owner) => {
        const heir = this.#heirs.get(owner);
        if (heir === undefined) throw new Error(`Nobody knows what '${owner}' has begun`);
        await heir(manager, this.#store);
      });
      return { membership, manager };
    } catch (error) {
      await membership.leave();
      throw error;
    }
  }
}
