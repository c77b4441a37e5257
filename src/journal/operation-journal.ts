/**
 * The undo stack of one operation, written through to the store.
 *
 * J1 An entry is durable before the promise of `defer` resolves, and only then may its effect
 * begin.
 * J2 Entries are plain data. What must not be written down has no place in them.
 * J3 An operation without side effects writes nothing: the header comes with the first entry.
 * J4 An entry that outlives its operation is the only one that success leaves, as a leak.
 * J5 Each write proves that the operation's locks are still its own, where that can be doubted.
 */
import { isLockLost, type Leak, messageOf, ProgrammerError } from '../errors.js';
import type { DeferredUndo, UndoContext, UndoEntry, UndoStack } from '../ports/journal.js';
import { confirmFence } from '../ports/fenced-txn.js';
import type { KvOp } from '../ports/kv-store.js';
import { entryKey, headerKey, type JournalHeader, putRecord, type StoredEntry } from './records.js';
import { type UndoMachinery, type Undone, unwindEntries, writeRecords } from './unwind.js';

/**
 * Changes to the journal which the caller carries out in a transaction of its own, together with
 * what they belong to (`CommitOptions.alongside`).
 * @public
 */
export interface PreparedRecords<T> {
  /** The changes. */
  readonly ops: readonly KvOp[];
  /** To be called once the transaction is durable; never, if it failed. */
  adopt(): T;
}

/**
 * What happens to earlier effects if an operation fails after its commit point.
 * @public
 */
export type FailurePolicy = 'rollback' | 'keep';

/**
 * What the journal is told about an operation.
 * @public
 */
export interface JournalSubject {
  /** The operation's id; no two operations share one. */
  readonly id: string;
  /** The operation's name: `OP_INSTANCE_CREATE`. */
  readonly op: string;
  /** What it is about, in words: `instance web1.example.com`; its name if not given. */
  readonly what?: string;
  /** What happens after the commit point; `rollback` if not given. */
  readonly onFailure?: FailurePolicy;
}

/**
 * The undo stack of one operation.
 * @public
 */
export class OperationJournal implements UndoStack {
  readonly #subject: JournalSubject;
  readonly #machinery: UndoMachinery;
  readonly #onEnd: () => void;
  readonly #header: JournalHeader;
  readonly #entries = new Map<string, UndoEntry>();
  /** Keys of entries that stay if the operation succeeds (J4). */
  readonly #outliving = new Set<string>();
  /** Keys that a failed write may have left, though nothing happened that they could undo. */
  readonly #strays = new Set<string>();
  #lastSeq = 0;
  #hasHeader = false;
  #ended = false;

  /** @internal */
  constructor(subject: JournalSubject, machinery: UndoMachinery, onEnd: () => void) {
    const { op, what = op } = subject;
    this.#subject = subject;
    this.#machinery = machinery;
    this.#onEnd = onEnd;
    this.#header = { form: 1, op, what, startedAtMs: machinery.clock.now(), state: 'open' };
  }

  /** How many effects would be taken back now. */
  get size(): number {
    return this.#entries.size;
  }

  /** Writes an entry down. */
  async defer(entry: UndoEntry): Promise<DeferredUndo> {
    const { ops, adopt } = this.prepare(entry);
    await writeRecords(this.#machinery, ops);
    return adopt();
  }

  /**
   * An entry to be written down in the same transaction as the effect that it takes back, such as a
   * commit of the configuration.
   */
  prepare(entry: UndoEntry): PreparedRecords<DeferredUndo> {
    this.#mustBeOpen();
    const key = entryKey(this.#subject.id, ++this.#lastSeq);
    this.#strays.add(key);
    const record = putRecord(key, entry);
    return {
      ops: this.#hasHeader ? [record] : [putRecord(this.#headerKey, this.#header), record],
      adopt: () => {
        this.#hasHeader = true;
        this.#strays.delete(key);
        this.#entries.set(key, entry);
        return { discard: () => this.#discard(key), outlive: () => this.#outlive(key) };
      },
    };
  }

  /** Writes an entry down by `write`, whose transaction has to carry the given changes along. */
  async alongside(
    entry: UndoEntry,
    write: (ops: readonly KvOp[]) => Promise<void>,
  ): Promise<DeferredUndo> {
    const { ops, adopt } = this.prepare(entry);
    await write(ops);
    return adopt();
  }

  /** The commit point: under the policy `keep` all entries so far are dropped. */
  async commitPoint(): Promise<void> {
    const { ops, adopt } = this.prepareCommitPoint();
    await writeRecords(this.#machinery, ops);
    adopt();
  }

  /** The commit point, to be written down in the transaction that it belongs to. */
  prepareCommitPoint(): PreparedRecords<void> {
    this.#mustBeOpen();
    return this.#subject.onFailure === 'keep' ? this.#prepareDrop() : { ops: [], adopt: () => {} };
  }

  /** Success: nothing will be undone, and all entries go but for J4. Twice is harmless. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const { ops, adopt } = this.prepareClose();
    await writeRecords(this.#machinery, ops);
    adopt();
  }

  /** Success, to be written down in the transaction of the operation's last change. */
  prepareClose(): PreparedRecords<void> {
    this.#mustBeOpen();
    const { ops, adopt } = this.#prepareDrop();
    const leaked = putRecord(this.#headerKey, { ...this.#header, state: 'leaked' });
    return {
      ops: this.#outliving.size > 0 ? [...ops, leaked] : ops,
      adopt: () => {
        adopt();
        this.#end();
      },
    };
  }

  /**
   * Failure: takes all effects back, last in, first out, and resolves to what could not be; that
   * stays in the journal for recovery. `ctx.signal` is not the operation's signal. Rejects with
   * `LockLost` only: then it has stopped, and whoever has the locks now goes on from the journal.
   */
  async unwind(
    ctx: UndoContext,
    onUndone: (undone: Undone) => void = () => {},
  ): Promise<readonly Leak[]> {
    if (this.#ended) return [];
    this.#end();
    await this.#confirm();
    const leaks = await unwindEntries(this.#stored(), this.#machinery, ctx, onUndone);
    const rest: KvOp[] = [...this.#strays].map((key) => ({ op: 'delete', key }));
    if (this.#hasHeader || this.#strays.size > 0) {
      const key = this.#headerKey;
      const header: JournalHeader = { ...this.#header, state: 'leaked' };
      rest.push(leaks.length > 0 ? putRecord(key, header) : { op: 'delete', key });
    }
    return [...leaks, ...(await this.#settle(rest))];
  }

  /**
   * Leaves everything as it is: this process may not work on it any more. From now on recovery here
   * sees the journal as one of a process that is gone. Twice is harmless.
   */
  abandon(): void {
    if (!this.#ended) this.#end();
  }

  /** Work may have failed because the locks are gone; then there is nothing to undo here. */
  async #confirm(): Promise<void> {
    const { store, fence } = this.#machinery;
    try {
      await confirmFence(store, fence);
    } catch (error) {
      // A store that cannot be asked proves nothing; each later write is compared on its own.
      if (isLockLost(error)) throw error;
    }
  }

  async #settle(ops: readonly KvOp[]): Promise<readonly Leak[]> {
    try {
      await writeRecords(this.#machinery, ops);
      return [];
    } catch (error) {
      if (isLockLost(error)) throw error;
      return [{ what: `journal of operation ${this.#subject.id}`, reason: messageOf(error) }];
    }
  }

  async #discard(key: string): Promise<void> {
    if (this.#ended || !this.#entries.has(key)) return;
    await writeRecords(this.#machinery, [{ op: 'delete', key }]);
    this.#entries.delete(key);
    this.#outliving.delete(key);
  }

  #outlive(key: string): void {
    if (!this.#ended && this.#entries.has(key)) this.#outliving.add(key);
  }

  /** Takes out all records but those of J4. A header that goes comes back with the next entry. */
  #prepareDrop(): PreparedRecords<void> {
    const keepsHeader = this.#outliving.size > 0;
    const going = [...this.#entries.keys()].filter((key) => !this.#outliving.has(key));
    const keys = [...going, ...this.#strays];
    if (!keepsHeader && (this.#hasHeader || keys.length > 0)) keys.push(this.#headerKey);
    return {
      ops: keys.map((key) => ({ op: 'delete', key })),
      adopt: () => {
        for (const key of keys) {
          this.#entries.delete(key);
          this.#strays.delete(key);
        }
        this.#hasHeader = keepsHeader;
      },
    };
  }

  #stored(): StoredEntry[] {
    return [...this.#entries].map(([key, entry]) => ({ key, entry }));
  }

  get #headerKey(): string {
    return headerKey(this.#subject.id);
  }

  #mustBeOpen(): void {
    if (!this.#ended) return;
    throw new ProgrammerError(`The journal of operation ${this.#subject.id} has ended`);
  }

  #end(): void {
    this.#ended = true;
    this.#onEnd();
  }
}
