/**
 * The lock table as a state machine: the queue that decides, and the records that stand for it.
 * It is ahead of the store while a transaction is under way, and is put back owner by owner if that
 * is lost.
 */
import type { LockBlocker } from '../../errors.js';
import { enterImage, hasMoved, imageOf } from '../../locks/image.js';
import { LockQueue } from '../../locks/queue.js';
import type { Waiter } from '../../locks/waiter.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import type { OwnerRecord } from './records.js';

/** What of an owner's record is no part of the queue. */
export type Standing = Pick<OwnerRecord, 'member' | 'said' | 'granted' | 'isTakenOver'>;

export class LockTable {
  readonly queue: LockQueue;
  readonly #records = new Map<OwnerId, OwnerRecord>();
  /** Owners whose state may differ from their records. */
  readonly #touched = new Set<OwnerId>();
  readonly #granted = new Set<OwnerId>();

  /** See `LockQueue`. */
  constructor(agingMs: number, maxMoves?: number) {
    this.queue = new LockQueue(agingMs, maxMoves);
  }

  /** An owner's record as the table has it now. */
  record(owner: OwnerId): OwnerRecord | undefined {
    return this.#records.get(owner);
  }

  /** Replaces owners by what the store has of them. Nobody is woken. */
  put(records: Iterable<readonly [OwnerId, OwnerRecord | undefined]>): void {
    const known = [...records];
    for (const [owner] of known) this.queue.erase(owner);
    for (const [owner, record] of known) {
      if (record === undefined) this.#records.delete(owner);
      else this.#enter(owner, record);
    }
  }

  /** Notes what an owner's record says besides its locks. */
  stand(owner: OwnerId, standing: Standing): void {
    const record = this.#records.get(owner) ?? { holds: [] };
    this.#records.set(owner, { ...record, ...standing });
    this.#touched.add(owner);
  }

  /** An owner's request, asked for by this word, was granted now. */
  grant(owner: OwnerId, said: number, units?: readonly number[]): void {
    const record = this.#records.get(owner);
    if (record === undefined) return;
    const { request: _, ...rest } = record;
    this.#records.set(owner, {
      ...rest,
      granted: units === undefined ? { said } : { said, units },
    });
    this.#touched.add(owner);
    this.#granted.add(owner);
  }

  /** Notes waiters that were let go. */
  letGo(waiters: readonly Waiter[]): void {
    for (const { owner, choice } of waiters) {
      const said = this.#records.get(owner)?.request?.said ?? 0;
      const units = choice && placesOf(choice.candidates, choice.granted);
      this.grant(owner, said, units);
    }
  }

  /** An owner passes to a member, which counts as being granted what it holds. */
  pass(owner: OwnerId, standing: Standing): void {
    this.stand(owner, standing);
    this.#granted.add(owner);
  }

  /** Marks a request that now waits as asked for by this word. */
  wait(owner: OwnerId, said: number): void {
    const record = this.#records.get(owner);
    const { request } = imageOf(this.queue, owner);
    if (record === undefined || request === undefined) return;
    this.#records.set(owner, { ...record, request: { ...request, said } });
  }

  /** Who is in the way of an owner that waits. */
  blockers(owner: OwnerId): LockBlocker[] {
    const waiter = this.queue.waiterOf(owner);
    return waiter === undefined ? [] : this.queue.blockers(waiter);
  }

  /** Brings the records of all whom something happened to up to date; answers who they are. */
  takeTouched(): { touched: ReadonlySet<OwnerId>; granted: ReadonlySet<OwnerId> } {
    for (const waiter of this.queue.waiting()) {
      const request = this.#records.get(waiter.owner)?.request;
      if (hasMoved(waiter, request)) this.#touched.add(waiter.owner);
    }
    const [touched, granted] = [new Set(this.#touched), new Set(this.#granted)];
    this.#touched.clear();
    this.#granted.clear();
    for (const owner of touched) this.#refresh(owner);
    return { touched, granted };
  }

  #refresh(owner: OwnerId): void {
    const record = this.#records.get(owner);
    const { holds, request } = imageOf(this.queue, owner);
    if (record === undefined) return;
    if (holds.length === 0 && request === undefined) {
      this.#records.delete(owner);
      return;
    }
    const { request: before, ...standing } = record;
    const said = before?.said ?? 0;
    const waits = request === undefined ? {} : { request: { ...request, said } };
    this.#records.set(owner, { ...standing, holds, ...waits });
  }

  #enter(owner: OwnerId, record: OwnerRecord): void {
    this.#records.set(owner, record);
    enterImage(this.queue, owner, record);
  }
}

function placesOf<T>(candidates: readonly { readonly unit: T }[], units: readonly T[]): number[] {
  const chosen = new Set(units);
  return candidates.flatMap(({ unit }, place) => (chosen.has(unit) ? [place] : []));
}
