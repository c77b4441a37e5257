/**
 * The two states of the lock table together: what the store has, and what it will have if the
 * transaction that is under way comes through.
 *
 * V1 The table is what the mirror is, but for the owners that a transaction under way touches.
 * V2 As soon as the table in the store is seen to have moved on, that transaction has come through
 *    or never will; either way the mirror is right about all whom it touched.
 */
import type { LockBlocker } from '../../errors.js';
import { report } from '../../locks/explain.js';
import type { KvChange, KvEntry, KvOp } from '../../ports/kv-store.js';
import type { LockReport, OwnerId } from '../../ports/lock-manager.js';
import { Mirror } from './mirror.js';
import type { OwnerRecord } from './records.js';
import { LockTable } from './table.js';
import { makeTransaction, type Transaction, type TransactionParts } from './transaction.js';

export class LockBook {
  readonly mirror = new Mirror();
  readonly #agingMs: number;
  readonly #table: LockTable;
  /** Whom the transaction that is under way touches. */
  #ahead: ReadonlySet<OwnerId> = new Set();

  /** See `LockQueue`. */
  constructor(agingMs: number, maxMoves: number) {
    this.#agingMs = agingMs;
    this.#table = new LockTable(agingMs, maxMoves);
  }

  /** Enters what the watch shows; answers whom it may concern. */
  enter(change: KvChange): Iterable<OwnerId> {
    return this.#follow(this.mirror.apply(change));
  }

  /** Enters what was read; `undefined` if it is older than what is known. */
  load(entries: readonly KvEntry[]): Iterable<OwnerId> | undefined {
    const changed = this.mirror.load(entries);
    return changed && this.#follow(changed);
  }

  /** Carries words and chores out on the table; they count when the store agrees. */
  prepare(parts: Omit<TransactionParts, 'table' | 'mirror'>): Transaction {
    const transaction = makeTransaction({ ...parts, table: this.#table, mirror: this.mirror });
    this.#ahead = transaction.touched;
    return transaction;
  }

  /** The store has agreed; answers whom it may concern. */
  commit(revision: number, ops: readonly KvOp[]): Iterable<OwnerId> {
    const changed = this.mirror.apply({ revision, ops });
    if (changed === undefined) return [];
    // If something else was seen meanwhile, the table was put back and is behind now.
    if (this.#ahead.size === 0) return this.#follow(changed);
    this.#ahead = new Set();
    return changed;
  }

  /** What was prepared is not known to count. */
  revoke(): void {
    this.#follow(new Set());
  }

  /** When the last of those who wait has come, milliseconds of the table's time. */
  get latestMs(): number {
    let latestMs = 0;
    for (const { record } of this.mirror.owners.values()) {
      latestMs = Math.max(latestMs, record.request?.sinceMs ?? 0);
    }
    return latestMs;
  }

  /** Who is in the way of an owner that waits. `shiftMs` is added to all times. */
  blockers(owner: OwnerId, shiftMs: number): LockBlocker[] {
    const table = this.#ahead.size === 0 ? this.#table : this.#copy(0);
    return table
      .blockers(owner)
      .map((blocker) => ({ ...blocker, sinceMs: blocker.sinceMs + shiftMs }));
  }

  /** All that is held and all that waits. `shiftMs` is added to all times. */
  report(shiftMs: number): LockReport {
    return report(this.#copy(shiftMs).queue);
  }

  /** The mirror's state as a table of its own; those who came first stand first. */
  #copy(shiftMs: number): LockTable {
    const table = new LockTable(this.#agingMs);
    const holds: [number, OwnerId, OwnerRecord][] = [];
    for (const [owner, { record }] of this.mirror.owners) {
      const since = record.holds.map(({ sinceMs }) => sinceMs);
      holds.push([Math.min(...since), owner, shifted(record, shiftMs)]);
    }
    table.put(holds.sort(([a], [b]) => a - b).map(([, owner, record]) => [owner, record]));
    return table;
  }

  #follow(changed: ReadonlySet<OwnerId> | undefined): Iterable<OwnerId> {
    if (changed === undefined) return [];
    const owners = new Set([...changed, ...this.#ahead]);
    this.#ahead = new Set();
    this.#table.put([...owners].map((owner) => [owner, this.mirror.owners.get(owner)?.record]));
    return changed;
  }
}

function shifted(record: OwnerRecord, shiftMs: number): OwnerRecord {
  const { holds, request } = record;
  const moved = holds.map((hold) => ({ ...hold, sinceMs: hold.sinceMs + shiftMs }));
  if (request === undefined) return { ...record, holds: moved };
  const { sinceMs, dueMs } = request;
  const waits = { ...request, sinceMs: sinceMs + shiftMs, dueMs: dueMs + shiftMs };
  return { ...record, holds: moved, request: waits };
}
