/**
 * Registers that are only written under their locks: processes take a lock, read, write with the
 * proof that they have it, and give it back; now and then one dies in the middle, goes on writing
 * all the same, and is finished by another one.
 */
import { isLockLost } from '../../../src/errors.js';
import type { SharedLockManager } from '../../../src/etcd/index.js';
import type { LockName } from '../../../src/model/lock.js';
import { confirmFence, fencedTxn } from '../../../src/ports/fenced-txn.js';
import type { LockFence } from '../../../src/ports/fence.js';
import type { KvStore } from '../../../src/ports/kv-store.js';
import { type OwnerId, ownerId } from '../../../src/ports/lock-manager.js';
import type { SeededIds } from '../../../src/testing/seeded-ids.js';
import { GUARDED } from '../check/models.js';
import { poll } from '../rig/poll.js';
import type { Desk, Heir } from './desk.js';
import { Histories } from './history.js';
import type { BeginWorkload, Judgement, Workload } from './workload.js';

const LOCKS = 2;

/** How long a request waits, milliseconds: longer than most faults. */
const PATIENCE_MS = 1_500;

/** One of so many dies with its lock. */
const MORTALITY = 12;

/** What has happened in all rounds so far: what never happens proves nothing. */
export interface Tally {
  /** Owners of dead processes whose work was finished by others. */
  takeOvers: number;
  /** Writes of dead processes that the store refused. */
  refused: number;
}

/** An owner at work on one register. */
interface Task {
  readonly owner: OwnerId;
  readonly key: string;
  readonly lock: LockName;
  readonly manager: SharedLockManager;
  readonly store: KvStore;
  /** When it began to ask. */
  readonly since: number;
}

/** Work for the processes that have a desk. */
export function guarded(
  desks: readonly Desk[],
  heirs: Map<OwnerId, Heir>,
  tally: Tally,
): BeginWorkload {
  return (prefix) => new Guarded(prefix, desks, heirs, tally);
}

class Guarded implements Workload {
  readonly #prefix: string;
  readonly #desks: readonly Desk[];
  readonly #heirs: Map<OwnerId, Heir>;
  readonly #tally: Tally;
  readonly #histories = new Histories(GUARDED);
  /** In whose name an owner's lock is held now. */
  readonly #holders = new Map<OwnerId, string>();
  readonly #violations: string[] = [];
  #count = 0;

  constructor(prefix: string, desks: readonly Desk[], heirs: Map<OwnerId, Heir>, tally: Tally) {
    this.#prefix = prefix;
    this.#desks = desks;
    this.#heirs = heirs;
    this.#tally = tally;
  }

  async step(store: KvStore, process: number, dice: SeededIds): Promise<void> {
    const desk = this.#desks[process];
    const [lock, isDoomed] = [dice.integer(LOCKS), dice.integer(MORTALITY) === 0];
    const task = desk && (await this.#begin(desk, store, process, lock));
    if (desk === undefined || task === undefined || !(await this.#take(task))) return;
    const proof = task.manager.fence(task.owner);
    if (proof !== undefined) {
      await this.#read(task, task.owner, proof);
      await this.#write(task, task.owner, proof);
    }
    if (isDoomed) await this.#dieHolding(desk, task, proof);
    else await this.#give(task);
  }

  /** Everybody's locks are free in the end, whoever has died. */
  async finish(store: KvStore): Promise<void> {
    const [desk] = this.#desks;
    for (let n = 0; n < LOCKS; n++) {
      await poll(`lock ${n} to be free`, async () => {
        const task = desk && (await this.#begin(desk, store, 0, n));
        if (task === undefined || !(await this.#take(task))) return false;
        const proof = task.manager.fence(task.owner);
        if (proof !== undefined) await this.#read(task, task.owner, proof);
        await this.#give(task);
        return true;
      });
    }
    await poll('all owners to be gone', async () => {
      const { entries } = await store.range('locks/owner/');
      return entries.every(({ key }) => !key.includes(this.#prefix));
    });
  }

  judge(): Judgement {
    const { violations, ...numbers } = this.#histories.judge();
    return { ...numbers, violations: [...violations, ...this.#violations] };
  }

  async #begin(
    desk: Desk,
    store: KvStore,
    process: number,
    nth: number,
  ): Promise<Task | undefined> {
    const manager = await desk.manager();
    if (manager === undefined) return undefined;
    const owner = ownerId(`${this.#prefix}p${process}-${this.#count++}`);
    const key = `${this.#prefix}guarded/${nth}`;
    const lock: LockName = `node/${key.replaceAll('/', '.')}`;
    const task: Task = { owner, key, manager, store, lock, since: this.#histories.tick() };
    // Also for one that is only too slow, or does not know whether it has the lock.
    this.#heirs.set(owner, (heir, its) => this.#inherit({ ...task, manager: heir, store: its }));
    return task;
  }

  /** One that fails may have had its lock for a moment, until that was taken back. */
  async #take({ key, owner, lock, manager, since }: Task): Promise<boolean> {
    try {
      await manager.acquire(owner, [{ lock, mode: 'exclusive' }], { timeoutMs: PATIENCE_MS });
    } catch {
      return false;
    }
    this.#holders.set(owner, owner);
    this.#histories.note(key, { kind: 'take', owner }, since, this.#histories.tick());
    return true;
  }

  /** Others see it when it is written; if the locks are lost meanwhile, perhaps never. */
  async #give({ key, owner, manager }: Task): Promise<void> {
    const begin = this.#histories.tick();
    await manager.release(owner, 'all');
    const end = manager.lost.aborted ? undefined : this.#histories.tick();
    this.#histories.note(key, { kind: 'give', owner }, begin, end);
  }

  /** Only what is read by somebody who still has the lock afterwards was read under it. */
  async #read({ key, store }: Task, holder: string, proof: LockFence): Promise<void> {
    await this.#histories.run(
      key,
      async () => {
        const entry = await store.get(key);
        await confirmFence(store, () => proof);
        return { entry };
      },
      (found) => found && { kind: 'read', owner: holder, value: found.entry?.value },
    );
  }

  /** Answers whether it was let through. */
  async #write({ key, store }: Task, holder: string, proof: LockFence) {
    const value = `v${this.#count++}`;
    return this.#histories.run(
      key,
      async () => {
        try {
          await fencedTxn(store, () => proof, [], [{ op: 'put', key, value }]);
          return true;
        } catch (error) {
          if (isLockLost(error)) return false;
          throw error;
        }
      },
      (done) => ({ kind: 'write', owner: holder, value, done }),
    );
  }

  /** The process dies, does not notice, and goes on with what it had proof of. */
  async #dieHolding(desk: Desk, task: Task, proof: LockFence | undefined): Promise<void> {
    const dying = desk.die();
    for (let late = 0; late < 2 && proof !== undefined; late++) {
      const done = await this.#write(task, task.owner, proof);
      if (done === false) this.#tally.refused += 1;
      if (late === 0) await dying;
    }
    await dying;
  }

  /** In the place of a dead process: reads what it left, writes, and lets go. */
  async #inherit(task: Task): Promise<void> {
    const { key, owner, manager, since } = task;
    const heir = `heir-${this.#count++}-of-${owner}`;
    const before = this.#holders.get(owner);
    // It died before it knew that it had the lock.
    if (before === undefined) this.#histories.note(key, { kind: 'take', owner }, since);
    this.#holders.set(owner, heir);
    const inherits = { kind: 'inherit', owner: before ?? owner, heir } as const;
    this.#histories.note(key, inherits, since, this.#histories.tick());
    this.#tally.takeOvers += 1;
    const proof = manager.fence(owner);
    if (proof === undefined) {
      // Unless this process has died as well, in this moment.
      if (!manager.lost.aborted) this.#violations.push(`${owner} was taken over without a fence`);
      return;
    }
    await this.#read(task, heir, proof);
    await this.#write(task, heir, proof);
    this.#histories.note(key, { kind: 'give', owner: heir }, this.#histories.tick());
  }
}
