/**
 * The operation's place in the journal. Before the work there is none: an LU that asks for undo
 * while it may still only look has a defect.
 */
import { type Leak, ProgrammerError } from '../errors.js';
import type { Host } from '../host.js';
import type { OperationJournal } from '../journal/operation-journal.js';
import type { FenceSource } from '../ports/fence.js';
import type { DeferredUndo, UndoEntry, UndoStack } from '../ports/journal.js';
import type { KvOp } from '../ports/kv-store.js';
import type { Reports } from '../reports.js';
import { undoing } from '../fenced/undo-context.js';

/** What the journal is about, and in which right it is written. */
export interface JournalSlotOptions {
  readonly jobId: string;
  readonly opName: string;
  readonly reports: Reports;
  readonly fence: FenceSource;
}

/** An undo stack that opens when the work begins. */
export class JournalSlot implements UndoStack {
  readonly #host: Host;
  readonly #about: { readonly id: string; readonly op: string };
  readonly #reports: Reports;
  readonly #fence: FenceSource;
  #journal: OperationJournal | undefined;

  constructor(host: Host, about: JournalSlotOptions) {
    this.#host = host;
    this.#fence = about.fence;
    this.#about = { id: about.jobId, op: about.opName };
    this.#reports = about.reports;
  }

  /** From here on entries are taken. `what` says in words what the operation is about. */
  async open(what: string): Promise<void> {
    const { onFailure } = this.#host.compatibility;
    const subject = { ...this.#about, what, onFailure };
    this.#journal = await this.#host.journal.open(subject, this.#fence);
  }

  defer(entry: UndoEntry): Promise<DeferredUndo> {
    return this.#opened().defer(entry);
  }

  commitPoint(): Promise<void> {
    return this.#opened().commitPoint();
  }

  /** Writes an entry in the same transaction as something else. */
  async alongside(
    entry: UndoEntry,
    write: (ops: readonly KvOp[]) => Promise<void>,
  ): Promise<DeferredUndo> {
    const { ops, adopt } = this.#opened().prepare(entry);
    await write(ops);
    return adopt();
  }

  /** The work succeeded: nothing is to be taken back any more. */
  close(): Promise<void> {
    return this.#opened().close();
  }

  /**
   * Takes everything back, last first. What was sent for the work and is still under way, although
   * nobody waits for it any more, would arrive later and stay; so it is made worthless before.
   * Rejects with `LockLost` if the right to is gone.
   */
  async unwind(): Promise<readonly Leak[]> {
    const journal = this.#journal;
    if (journal === undefined) return [];
    const about = { fence: this.#fence, report: this.#reports };
    return undoing(this.#host, about, async (ctx) => {
      await this.#fence.renew?.();
      return journal.unwind(ctx, (undone) => this.#reports.emit({ type: 'undone', ...undone }));
    });
  }

  /** Leaves everything to the process that takes over. */
  abandon(): void {
    this.#journal?.abandon();
  }

  #opened(): OperationJournal {
    if (this.#journal !== undefined) return this.#journal;
    throw new ProgrammerError(`${this.#about.op} asked for undo before its work began`);
  }
}
