/**
 * Write-ahead undo on a key-value store: how to take a side effect back is written down before the
 * side effect, so that a crash leaves nothing behind that nobody knows of.
 */
import { ConfigError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { FenceSource } from '../ports/fence.js';
import type { UndoContext, UndoRegistry } from '../ports/journal.js';
import type { KvStore } from '../ports/kv-store.js';
import { type JournalSubject, OperationJournal } from './operation-journal.js';
import { headerKey, JOURNAL_PREFIX, parseJournalKey } from './records.js';
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
 * What recovery may touch, and in which right.
 * @public
 */
export interface RecoveryScope {
  /** Operations that are left alone, besides those of this process. */
  readonly isAlive?: (id: string) => boolean;
  /** Compared with each write. */
  readonly fence?: FenceSource | undefined;
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
   * could not be undone. With a fence, every write compares it.
   */
  async open(subject: JournalSubject, fence?: FenceSource): Promise<OperationJournal> {
    const { id } = subject;
    const left = await this.#machinery.store.get(headerKey(id));
    if (left !== undefined || this.#alive.has(id)) {
      throw new ConfigError(
        `There is a journal of operation ${id} already; recover it, or use another id`,
        'conflict',
      );
    }
    this.#alive.add(id);
    const machinery = { ...this.#machinery, fence };
    return new OperationJournal(subject, machinery, () => this.#alive.delete(id));
  }

  /** {@link recover} with this journal's store and actions; leaves its own operations alone. */
  recover(ctx: UndoContext, scope: RecoveryScope = {}): Promise<RecoveryReport> {
    const { fence, isAlive = () => false } = scope;
    return recover({
      ...this.#machinery,
      ctx,
      fence,
      isAlive: (id) => this.#alive.has(id) || isAlive(id),
    });
  }

  /** Finishes the journal of one operation, whose process is gone, as {@link recover} would. */
  finish(id: string, ctx: UndoContext, fence?: FenceSource): Promise<RecoveryReport> {
    return this.recover(ctx, { fence, isAlive: (other) => other !== id });
  }

  /** The operations that have a journal and do not run in this process. */
  async left(): Promise<readonly string[]> {
    const { entries } = await this.#machinery.store.range(JOURNAL_PREFIX);
    const ids = new Set(entries.map(({ key }) => parseJournalKey(key).id));
    return [...ids].filter((id) => !this.#alive.has(id));
  }
}
