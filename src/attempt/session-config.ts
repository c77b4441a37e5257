/**
 * The configuration inside one operation: commits are made in the operation's name (so that its own
 * claims do not stand in its way), can carry an undo entry, and are reported.
 */
import { ConfigReading } from '../fenced/config-reading.js';
import type { ConfigWriter } from '../lu-base.js';
import type { JournalSlot } from './journal-slot.js';
import type { ConfigDraft, ConfigStore } from '../ports/config-store.js';
import type { FenceSource } from '../ports/fence.js';
import type { DeferredUndo, UndoEntry } from '../ports/journal.js';
import type { KvOp } from '../ports/kv-store.js';
import type { Reports } from '../reports.js';

const NOTHING_DEFERRED: DeferredUndo = {
  discard: () => Promise.resolve(),
  outlive: () => undefined,
};

/** In whose name and right commits are made, and where they are reported. */
export interface Committing {
  readonly owner: string;
  readonly fence: FenceSource;
  readonly journal: JournalSlot;
  readonly reports: Reports;
}

/** Reads as the store does; writes in the operation's name. */
export class SessionConfig extends ConfigReading implements ConfigWriter {
  readonly #store: ConfigStore;
  readonly #in: Committing;

  constructor(store: ConfigStore, committing: Committing) {
    super(store);
    this.#store = store;
    this.#in = committing;
  }

  async commit(
    why: string,
    recipe: (draft: ConfigDraft) => void,
    undo?: UndoEntry,
  ): Promise<DeferredUndo> {
    const { owner, fence, journal, reports } = this.#in;
    const write = (alongside: readonly KvOp[]): Promise<void> =>
      this.#store.commit(why, recipe, { owner, fence, alongside });
    const deferred = undo === undefined ? write([]) : journal.alongside(undo, write);
    const handle = await deferred;
    reports.emit({ type: 'commit', why, serial: this.#store.serial });
    return handle ?? NOTHING_DEFERRED;
  }
}
