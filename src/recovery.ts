/**
 * Finishing what others began: journals of operations whose process is gone.
 *
 * R1 Alone on its store, a process finishes every journal but those of its own operations.
 * R2 Where processes share the locks, an operation is alive as long as it has locks. One whose
 *    process is gone is handed over by the lock manager, with its locks, and only its journal is
 *    finished, in the right of its new owner.
 * R3 A journal without an owner (what could not be undone once, or what an older store has left) is
 *    finished by `recover()`, under a lock that one process has at a time.
 */
import { throwIfLost, areShared, fenceOf } from './fenced/owner-fence.js';
import type { Host } from './host.js';
import type { RecoveredOperation, RecoveryReport } from './journal/recover.js';
import type { LockName } from './model/lock.js';
import type { FenceSource } from './ports/fence.js';
import { type OwnerId, ownerId, type TakeOver } from './ports/lock-manager.js';
import { type ReportListener, Reports } from './reports.js';
import { undoing } from './fenced/undo-context.js';

/** Held by the one process that finishes journals without an owner. */
const RECOVERY_LOCK: LockName = 'cluster/recovery';

/** Owners of that lock are called so; the rest of the name is a fresh id. */
const RECOVERY_OWNER = 'recovery:';

/** How to recover, and whom to tell. */
export interface RecoveryOptions {
  readonly signal?: AbortSignal;
  readonly onReport?: ReportListener;
}

/** Finishes journals. */
export class Recovery {
  readonly #host: Host;
  readonly #onTakenOver: (operation: RecoveredOperation) => void;
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(host: Host, onTakenOver: (operation: RecoveredOperation) => void) {
    this.#host = host;
    this.#onTakenOver = onTakenOver;
  }

  /** Finishes all that has no living owner. */
  async all(options: RecoveryOptions): Promise<RecoveryReport> {
    const { journal, locks, config, ids } = this.#host;
    throwIfLost(locks);
    if (!areShared(locks)) {
      return this.#undoing(
        () => undefined,
        options,
        (ctx) => journal.recover(ctx),
      );
    }
    const journals = new Set(await journal.left());
    await config.freshen();
    const claimants = config.claimants();
    if (journals.size + claimants.length === 0) return { operations: [], corrupt: [] };
    const owner = ownerId(RECOVERY_OWNER + ids.uuid());
    try {
      const wait = options.signal === undefined ? {} : { signal: options.signal };
      await locks.acquire(owner, [{ lock: RECOVERY_LOCK, mode: 'exclusive' }], wait);
      return await this.#orphans(owner, { journals, claimants }, options);
    } finally {
      void locks.release(owner, 'all');
    }
  }

  /** Finishes what an owner of locks left behind; for `LockManager.takeOver`. */
  readonly takeOver: TakeOver = (owner) => this.#track(this.#takeOver(owner));

  /** Begins nothing new by itself; resolves when what was taken over is finished. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #takeOver(owner: OwnerId): Promise<void> {
    if (owner.startsWith(RECOVERY_OWNER)) {
      // Its lock is free as soon as this is over; then there is nothing special about its work.
      const { signal } = this.#closing;
      void this.#track(Promise.resolve().then(() => this.all({ signal }))).catch(() => undefined);
      return;
    }
    const { journal, locks, config } = this.#host;
    const fence = fenceOf(locks, owner);
    await config.freshen();
    const { operations } = await this.#undoing(fence, {}, (ctx) => {
      return journal.finish(owner, ctx, fence);
    });
    await config.dropClaims(owner, fence);
    for (const operation of operations) this.#onTakenOver(operation);
  }

  /**
   * Finishes what was there before the lock was granted, of those who have no locks now: an
   * operation has locks before it writes anything, and until after its last write.
   */
  async #orphans(
    owner: OwnerId,
    before: { readonly journals: ReadonlySet<string>; readonly claimants: readonly string[] },
    options: RecoveryOptions,
  ): Promise<RecoveryReport> {
    const { journal, locks, config } = this.#host;
    await config.freshen();
    const { locks: held, pending } = await locks.explain();
    const alive = new Set<string>(pending.map((request) => request.owner));
    for (const lock of held) for (const holder of lock.owner) alive.add(holder.owner);
    const fence = fenceOf(locks, owner);
    const isAlive = (id: string): boolean => alive.has(id) || !before.journals.has(id);
    const report = await this.#undoing(fence, options, (ctx) => {
      return journal.recover(ctx, { fence, isAlive });
    });
    for (const claimant of before.claimants) {
      if (!alive.has(claimant)) await config.dropClaims(claimant, fence);
    }
    return report;
  }

  #undoing<T>(
    fence: FenceSource,
    { signal, onReport }: RecoveryOptions,
    work: Parameters<typeof undoing<T>>[2],
  ): Promise<T> {
    const report = new Reports(this.#host.clock);
    if (onReport !== undefined) report.listen(onReport);
    return undoing(this.#host, { fence, report, ...(signal && { signal }) }, work);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const done = work.finally(() => this.#running.delete(done));
    this.#running.add(done);
    return done;
  }
}
