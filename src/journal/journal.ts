/**
 * Write-ahead undo on a key-value store: how to take a side effect back is written down before the
 * side effect, so that a crash leaves nothing behind that nobody knows of.
 */
import { ConfigError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { UndoContext, UndoRegistry } from '../ports/journal.js';
import type { KvStore } from '../ports/kv-store.js';
import { type JournalSubject, OperationJournal } from './operation-journal.js';
import { headerKey } from './records.js';
import { recover, type RecoveryReport } from './recover.js';
import { DEFAULT_RETRY, type UndoMachinery, type UndoRetry } from './unwind.js';

/**
 * What a journal needs.
 * @public
 */
export interface JournalOptions {
  /** Where it is kept: the configuration's store, so that one transaction can cover both. */
  readonly store: KvStore;
  /** Time. */
  readonly clock: Clock;
  /** The actions that entries may name. */
  readonly registry: UndoRegistry;
  /** How often undo actions are tried; three times, a second apart, if not given. */
  readonly retry?: UndoRetry;
}

/**
 * The journal of a process: hands out undo stacks and finishes what crashed processes left.
 * @public
 */
export class Journal {
  readonly #machinery: UndoMachinery;
  readonly #alive = new Set<string>();

  constructor({ store, clock, registry, retry = DEFAULT_RETRY }: JournalOptions) {
    this.#machinery = { store, clock, registry, retry };
  }

  /**
   * Opens the undo stack of an operation; nothing is written before its first entry. Rejects with
   * `ConfigError` `conflict` if there is a journal of that id, left by an operation that crashed or
   * could not be undone.
   */
  async open(subject: JournalSubject): Promise<OperationJournal> {
    const { id } = subject;
    const left = await this.#machinery.store.get(headerKey(id));
    if (left !== undefined || this.#alive.has(id)) {
      throw new ConfigError(
        `There is a journal of operation ${id} already; recover it, or use another id`,
        'conflict',
      );
    }
    this.#alive.add(id);
    return new OperationJournal(subject, this.#machinery, () => this.#alive.delete(id));
  }

  /** {@link recover} with this journal's store and actions; leaves its own operations alone. */
  recover(ctx: UndoContext): Promise<RecoveryReport> {
    return recover({ ...this.#machinery, ctx, isAlive: (id) => this.#alive.has(id) });
  }
}
