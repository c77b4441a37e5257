/**
 * Publishes the claims of operations where other processes work on the same store, and takes them
 * back. Alone on a store there is nobody to tell, and nothing is written.
 *
 * What is written again says the same; so it does no harm to write once more what may have been
 * written already.
 */
import { ConfigError, isLockLost } from '../errors.js';
import type { FenceSource } from '../ports/fence.js';
import { confirmFence, fencedTxn } from '../ports/fenced-txn.js';
import type { KvCompare, KvOp } from '../ports/kv-store.js';
import { type Shared, catchUp, catchUpTo, tidings } from './catch-up.js';
import { batchOf, type Publication, type Ready, type Waiting } from './claim-batch.js';
import { CLAIMS_KEY } from './codec.js';
import { claimedKey, forgetClaims, keepClaims } from './published-claims.js';

/** How often publishing starts again because other processes took something else meanwhile. */
const ATTEMPTS = 100;

/** Publishes claims. */
export class ClaimPublisher {
  readonly #parts: Shared;
  #queue: readonly Waiting[] = [];

  constructor(parts: Shared) {
    this.#parts = parts;
  }

  /** See `OwnedReservations.publish`. */
  async publish(publication: Publication): Promise<string | undefined> {
    if (this.#parts.follower === undefined) return undefined;
    return new Promise((answer, fail) =>
      this.#enqueue([{ ...publication, tries: 0, answer, fail }]),
    );
  }

  /** See `ConfigStore.dropClaims`. */
  async drop(owner: string, fence: FenceSource | undefined): Promise<void> {
    await this.publish({ owner, claims: 'none', fence, isOver: () => false });
  }

  /** Its turn comes before that of whatever is begun later. */
  #enqueue(waiting: readonly Waiting[]): void {
    const isScheduled = this.#queue.length > 0;
    this.#queue = [...this.#queue, ...waiting];
    if (!isScheduled) void this.#parts.turnstile.run(() => this.#next());
  }

  /** Never rejects. */
  async #next(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    try {
      const unseen = await this.#unseenOf(queue);
      const { ready, later } = batchOf(queue, this.#parts.tables, unseen);
      if (later.length > 0) this.#enqueue(later);
      if (ready.length > 0) await this.#write(ready);
    } catch (error) {
      // The store could not be read: nothing of it was written.
      for (const waiting of queue) waiting.fail(error);
    }
  }

  /** Revisions of records to be dropped which the watch has not brought yet, or never will. */
  async #unseenOf(queue: readonly Waiting[]): Promise<ReadonlyMap<string, number>> {
    const { store, tables } = this.#parts;
    const owners = queue.flatMap(({ claims, owner }) => {
      return claims === 'none' && !tables.published.has(owner) ? [owner] : [];
    });
    return new Map(
      await Promise.all(
        owners.map(async (owner): Promise<[string, number]> => {
          return [owner, (await store.get(claimedKey(owner)))?.revision ?? 0];
        }),
      ),
    );
  }

  /** Writes a batch. Never rejects. */
  async #write(ready: readonly Ready[]): Promise<void> {
    const { store, tables } = this.#parts;
    // What is only dropped takes nothing that others might want.
    const isGuarded = ready.some(({ op }) => op.op === 'put');
    const guard = isGuarded ? [{ key: CLAIMS_KEY, revision: tables.claimsRevision }] : [];
    const compare = [...guard, ...ready.map((each) => each.compare)];
    const ops = [
      ...guard.map(({ key }): KvOp => ({ op: 'put', key, value: '1' })),
      ...ready.map(({ op }) => op),
      ...tidings(this.#parts),
    ];
    // One fence speaks for all of them: a batch is carried out as a whole or not at all.
    const first = ready.find(({ proof }) => proof !== undefined);
    const proofs = ready.flatMap((each) => (each === first ? [] : (each.proof ?? [])));
    try {
      const sent = fencedTxn(store, first?.waiting.fence, [...compare, ...proofs], ops);
      const { committed, revision, isFoundOut } = await sent;
      if (!committed) void this.#again(ready, compare);
      else if (isFoundOut === true) void this.#found(ready, revision);
      else this.#keep(ready, revision, isGuarded);
    } catch (error) {
      if (isLockLost(error)) void this.#again(ready, compare);
      else for (const { waiting } of ready) waiting.fail(error);
    }
  }

  #keep(ready: readonly Ready[], revision: number, isGuarded: boolean): void {
    const { tables, follower } = this.#parts;
    if (isGuarded) tables.claimsRevision = revision;
    follower?.own(revision);
    for (const { waiting, record } of ready) {
      if (record === undefined) forgetClaims(tables, waiting.owner);
      else keepClaims(tables, waiting.owner, { ...record, revision });
      waiting.answer(undefined);
    }
  }

  /** It was written, at this revision or before; the watch brings it like a change of others. */
  async #found(ready: readonly Ready[], revision: number): Promise<void> {
    try {
      await catchUpTo(this.#parts, revision);
      for (const { waiting } of ready) waiting.answer(undefined);
    } catch (error) {
      for (const { waiting } of ready) waiting.fail(error);
    }
  }

  /** Those who still may write try it once more, with what is known by then. Never rejects. */
  async #again(ready: readonly Ready[], compare: readonly KvCompare[]): Promise<void> {
    const able = await Promise.all(ready.map(({ waiting }) => this.#ableAgain(waiting)));
    const others = able.filter((waiting) => waiting !== undefined);
    if (others.length === 0) return;
    try {
      await catchUp(this.#parts, compare);
      this.#enqueue(others);
    } catch (error) {
      for (const waiting of others) waiting.fail(error);
    }
  }

  async #ableAgain(waiting: Waiting): Promise<Waiting | undefined> {
    const tries = waiting.tries + 1;
    try {
      await confirmFence(this.#parts.store, waiting.fence);
      if (tries < ATTEMPTS) return { ...waiting, tries };
      throw new ConfigError(
        `Operation ${waiting.owner} could not claim what it needs: other processes claimed ` +
          `something ${ATTEMPTS} times in a row; try again later`,
        'conflict',
      );
    } catch (error) {
      waiting.fail(error);
      return undefined;
    }
  }
}
