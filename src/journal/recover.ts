/**
 * After a crash: finishes every journal that was left open, as its operation would have done.
 * Crashing in the middle and recovering again leads to the same end.
 */
import { type ConfigError, type Leak, messageOf } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { UndoContext, UndoRegistry } from '../ports/journal.js';
import type { KvOp, KvStore } from '../ports/kv-store.js';
import {
  headerKey,
  JOURNAL_PREFIX,
  type JournalHeader,
  parseJournalKey,
  putRecord,
  readEntry,
  readHeader,
  type StoredEntry,
} from './records.js';
import {
  asConfigError,
  DEFAULT_RETRY,
  type UndoMachinery,
  type UndoRetry,
  unwindEntries,
} from './unwind.js';

/**
 * What became of one operation.
 * @public
 */
export interface RecoveredOperation {
  /** The operation's id. */
  readonly id: string;
  /** Its name; absent if its header was lost. */
  readonly op?: string;
  /** What it was about; absent if its header was lost. */
  readonly what?: string;
  /** When it began, milliseconds since 1970; absent if its header was lost. */
  readonly startedAtMs?: number;
  /** What was taken back, in words, in the order in which it was. */
  readonly undone: readonly string[];
  /** What could not be taken back. It stays in the journal. */
  readonly leaked: readonly Leak[];
}

/**
 * What recovery has done.
 * @public
 */
export interface RecoveryReport {
  /** The operations that were found, newest first. */
  readonly operations: readonly RecoveredOperation[];
  /** Damaged records, one error each, which names the key. They stay where they are. */
  readonly corrupt: readonly ConfigError[];
}

/**
 * What recovery needs.
 * @public
 */
export interface RecoverOptions {
  /** Where the journals are. */
  readonly store: KvStore;
  /** The actions that entries may name. */
  readonly registry: UndoRegistry;
  /** What the actions may use. Its signal ends recovery; what is left stays in the journal. */
  readonly ctx: UndoContext;
  /** Time, for the pauses between tries. */
  readonly clock: Clock;
  /** How often undo actions are tried; three times, a second apart, if not given. */
  readonly retry?: UndoRetry;
  /** Operations that still run: theirs is left alone. */
  readonly isAlive?: (id: string) => boolean;
}

interface Found {
  readonly id: string;
  readonly entries: StoredEntry[];
  header?: JournalHeader;
  hasDamage: boolean;
}

/**
 * Finishes all journals but those of operations that still run. Repeating it is harmless, and is
 * the way to try again what leaked. Only one process at a time may do this, and only while no other
 * process has operations running on the same store. Rejects with `ConfigError` if the store cannot
 * be read.
 * @public
 */
export async function recover({
  store,
  registry,
  ctx,
  clock,
  retry = DEFAULT_RETRY,
  isAlive = () => false,
}: RecoverOptions): Promise<RecoveryReport> {
  const machinery: UndoMachinery = { store, registry, clock, retry };
  const corrupt: ConfigError[] = [];
  const found = await readJournals(machinery, isAlive, corrupt);
  const operations: RecoveredOperation[] = [];
  for (const journal of found) operations.push(await finish(journal, machinery, ctx));
  return { operations, corrupt };
}

async function readJournals(
  { store }: UndoMachinery,
  isAlive: (id: string) => boolean,
  corrupt: ConfigError[],
): Promise<Found[]> {
  const journals = new Map<string, Found>();
  const { entries } = await store.range(JOURNAL_PREFIX);
  for (const { key, value } of entries) {
    const { id, isHeader } = parseJournalKey(key);
    if (isAlive(id)) continue;
    const journal = journals.get(id) ?? { id, entries: [], hasDamage: false };
    journals.set(id, journal);
    try {
      if (isHeader) journal.header = readHeader(key, value);
      else journal.entries.push({ key, entry: readEntry(key, value) });
    } catch (error) {
      journal.hasDamage = true;
      corrupt.push(asConfigError(error));
    }
  }
  return [...journals.values()].sort((a, b) => startOf(b) - startOf(a));
}

async function finish(
  { id, entries, header, hasDamage }: Found,
  machinery: UndoMachinery,
  ctx: UndoContext,
): Promise<RecoveredOperation> {
  const undone: string[] = [];
  const leaked = await unwindEntries(entries, machinery, ctx, ({ what, error }) => {
    if (error === undefined) undone.push(what);
  });
  const isDone = leaked.length === 0 && !hasDamage;
  const failed = await settle(id, isDone ? undefined : header, isDone, machinery);
  const { op, what, startedAtMs } = header ?? {};
  return {
    id,
    ...(op === undefined ? {} : { op }),
    ...(what === undefined ? {} : { what }),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    undone,
    leaked: [...leaked, ...failed],
  };
}

/** Removes the header when nothing is left, else notes that something is. */
async function settle(
  id: string,
  header: JournalHeader | undefined,
  isDone: boolean,
  { store }: UndoMachinery,
): Promise<readonly Leak[]> {
  const key = headerKey(id);
  const ops: KvOp[] = isDone ? [{ op: 'delete', key }] : [];
  if (header?.state === 'open') ops.push(putRecord(key, { ...header, state: 'leaked' }));
  try {
    if (ops.length > 0) await store.txn([], ops);
    return [];
  } catch (error) {
    return [{ what: `journal of operation ${id}`, reason: messageOf(error) }];
  }
}

function startOf({ header }: Found): number {
  return header?.startedAtMs ?? 0;
}
