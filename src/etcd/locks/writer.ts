/**
 * Writes what was said: one transaction at a time, with all that has come together meanwhile.
 *
 * S1 Words are carried out in the order in which they were said.
 * S2 A transaction that was too late changes nothing. It is made anew when the newer state has been
 *    seen here; nobody asks the store in between.
 *    If it was about members that are gone, these are looked up: one that is not known here yet
 *    must not hold up what else there is to say.
 * S3 If an answer was lost, it is found out how far the store has come, and waited until that has
 *    been seen here. A word that is in its owner's record is not said again. One that is not, is:
 *    the lost transaction cannot come through later beside it, since both compare one version.
 *    Where no record tells, the owner has nothing, and to give back once more changes nothing.
 * S4 Who is too late many times in a row, because its way to the store is longer than the others',
 *    asks for its turn. Others let it go first, for a while: it may have died.
 */
import type { Clock } from '../../ports/clock.js';
import type { KvStore } from '../../ports/kv-store.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import type { LockBook } from './book.js';
import { isFinal, Pause } from './follow.js';
import { choresOf, memberKey, type Members } from './members.js';
import type { Outbox } from './outbox.js';
import { turnKey, VERSION_KEY } from './records.js';
import type { Refusal } from './steps.js';
import { TableTime } from './table-time.js';
import type { Transaction, TransactionLimits } from './transaction.js';
import type { Chore, Word } from './words.js';

/** What writing needs, and who is told. */
export interface WriterParts {
  readonly kv: KvStore;
  readonly clock: Clock;
  readonly member: string;
  readonly book: LockBook;
  readonly members: Members;
  readonly outbox: Outbox;
  readonly limits: TransactionLimits;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whether somebody here takes over. */
  readonly canTakeOver: () => boolean;
  /** Owners whose records may have changed. */
  readonly onChanged: (owners: Iterable<OwnerId>) => void;
  readonly onRefused: (word: Word, refusal: Refusal) => void;
}

/** After a failure: one word at a time, lest all of them together are what the store refuses. */
const ONE_WORD = { maxLength: 0 };

/** How often it may be too late before it asks for its turn, and how long others wait then. */
const MOST_RACES = 5;
const TURN_MS = 1000;

export class Writer {
  readonly #parts: WriterParts;
  readonly #time: TableTime;
  readonly #pause: () => Pause;
  #bell: (() => void) | undefined;
  #changes = 0;
  /** How often in a row it was too late. */
  #races = 0;
  /** A turn that was not taken in time, by the revision at which it was asked for. */
  #forgone = 0;
  /** Grows with each transaction in a row whose answer was lost. */
  #trouble: Pause | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#time = new TableTime(parts.clock);
    this.#pause = () => new Pause(parts);
  }

  /** The table's time now, milliseconds. */
  nowMs(): number {
    return this.#time.now(this.#parts.book.latestMs);
  }

  /** There may be something to write. */
  wake(): void {
    this.#bell?.();
    this.#bell = undefined;
  }

  /** The store was seen to have changed. */
  noteChange(): void {
    this.#changes++;
    this.wake();
  }

  /** Writes until the signal fires. Rejects if the store cannot be used any more. */
  async run(): Promise<void> {
    const { signal, outbox, book, member } = this.#parts;
    while (!signal.aborted) {
      // What is said in one turn goes together.
      await Promise.resolve();
      if (!outbox.isEmpty) await this.#giveWay();
      const chores = this.#chores();
      const isIdle = outbox.isEmpty && chores.length === 0 && !book.mirror.turns.has(member);
      if (isIdle) await this.#rest();
      else await this.#write(chores);
    }
  }

  async #write(chores: readonly Chore[]): Promise<void> {
    const { kv, book, signal } = this.#parts;
    const seen = this.#changes;
    const transaction = this.#prepare(chores);
    const { compare, ops } = transaction;
    if (ops.length === 0 && transaction.refusals.size === 0) {
      book.revoke();
      return this.#finish(transaction);
    }
    const result = await kv.txn(compare, ops).catch((error: unknown) => this.#mustBePassing(error));
    if (signal.aborted) return;
    if (result === undefined) return this.#learn();
    this.#trouble = undefined;
    if (!result.committed) {
      book.revoke();
      if (++this.#races === MOST_RACES) await this.#askForTurn();
      const isAlive = await this.#findAlive(transaction.gone);
      return isAlive ? undefined : this.#untilChanged(seen);
    }
    this.#races = 0;
    const changed = book.commit(result.revision, ops);
    this.#finish(transaction);
    this.#parts.onChanged(changed);
  }

  /** Whether one of these members turns out to be alive. */
  async #findAlive(ids: Iterable<string>): Promise<boolean> {
    const { kv, members } = this.#parts;
    let isAlive = false;
    for (const id of ids) {
      const entry = await kv.get(memberKey(id)).catch((error: unknown) => this.#failed(error));
      if (entry === 'failed' || entry === undefined) continue;
      members.find(entry);
      isAlive ||= members.revision(id) !== undefined;
    }
    return isAlive;
  }

  /** See S4. It is no harm if it is not written. */
  async #askForTurn(): Promise<void> {
    const { kv, member, members } = this.#parts;
    const compare = [{ key: memberKey(member), revision: members.revision(member) ?? 0 }];
    const ask = { op: 'put', key: turnKey(member), value: '' } as const;
    await kv.txn(compare, [ask]).catch((error: unknown) => this.#failed(error));
  }

  /** Lets the member go first that asked for it first. */
  async #giveWay(): Promise<void> {
    const { clock, signal } = this.#parts;
    const revision = this.#turnOfAnother();
    if (revision === undefined) return;
    const timer = clock.timer(TURN_MS, () => {
      this.#forgone = revision;
      this.wake();
    });
    while (this.#turnOfAnother() === revision && !signal.aborted) await this.#rest();
    timer.cancel();
  }

  /** When another member asked for its turn that goes before this one. */
  #turnOfAnother(): number | undefined {
    const { book, member, members } = this.#parts;
    for (const [id, revision] of book.mirror.turns) {
      if (id === member) return undefined;
      if (members.revision(id) !== undefined && revision > this.#forgone) return revision;
    }
    return undefined;
  }

  #chores(): Chore[] {
    const { book, members, canTakeOver } = this.#parts;
    return choresOf(book.mirror, members, canTakeOver());
  }

  #prepare(chores: readonly Chore[]): Transaction {
    const { book, outbox, member, members, limits } = this.#parts;
    return book.prepare({
      words: outbox.words,
      chores,
      context: { member, nowMs: this.nowMs() },
      memberRevision: members.revision(member) ?? 0,
      nextSaid: () => outbox.next(),
      limits: this.#trouble === undefined ? limits : { ...limits, ...ONE_WORD },
    });
  }

  #finish({ words, refusals }: Transaction): void {
    const { outbox, onRefused } = this.#parts;
    outbox.strike(words);
    for (const [word, refusal] of refusals) onRefused(word, refusal);
  }

  #mustBePassing(error: unknown): undefined {
    this.#parts.book.revoke();
    if (isFinal(error)) throw error;
  }

  /** See S3. */
  async #learn(): Promise<void> {
    const { kv, book, signal } = this.#parts;
    const pause = (this.#trouble ??= this.#pause());
    while (!signal.aborted) {
      const entry = await kv.get(VERSION_KEY).catch((error: unknown) => this.#failed(error));
      const revision = entry === 'failed' ? undefined : (entry?.revision ?? 0);
      if (revision !== undefined && revision > book.mirror.version) {
        while (book.mirror.version < revision && !signal.aborted) await this.#rest();
        return;
      }
      await pause.take();
      if (revision !== undefined) return;
    }
  }

  #failed(error: unknown): 'failed' {
    if (isFinal(error)) throw error;
    return 'failed';
  }

  async #untilChanged(seen: number): Promise<void> {
    while (this.#changes === seen && !this.#parts.signal.aborted) await this.#rest();
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#bell = resolve;
    });
  }
}
