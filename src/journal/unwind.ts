/**
 * Taking side effects back: the one loop that both a failed operation and recovery after a crash go
 * through.
 *
 * U1 Last in, first out. A failure does not keep earlier effects from being taken back.
 * U2 A record goes only after its effect was taken back: a crash in between means that it is done
 *    once more, and every action bears that.
 * U3 What could not be taken back stays in the journal and is named.
 */
import { ConfigError, type Leak, messageOf } from '../errors.js';
import { type Clock, sleep } from '../ports/clock.js';
import type { UndoContext, UndoEntry, UndoRegistry } from '../ports/journal.js';
import type { KvStore } from '../ports/kv-store.js';
import type { StoredEntry } from './records.js';

/**
 * How often an undo action is tried, and how long to wait in between.
 * @public
 */
export interface UndoRetry {
  /** Tries in all, at least 1. */
  readonly attempts: number;
  /** Pause before each further try, milliseconds; 0: none. */
  readonly delayMs: number;
}

/** How often undo actions are tried where nobody says otherwise. */
export const DEFAULT_RETRY: UndoRetry = { attempts: 3, delayMs: 1000 };

/** What unwinding needs. */
export interface UndoMachinery {
  readonly store: KvStore;
  readonly clock: Clock;
  readonly registry: UndoRegistry;
  readonly retry: UndoRetry;
}

/**
 * One side effect that was taken back, or, with an error, could not be.
 * @public
 */
export interface Undone {
  /** The side effect, in words. */
  readonly what: string;
  /** Why it could not be taken back; absent: it was. */
  readonly error?: string;
}

/** Takes back the effects of the entries, newest first; calls `onUndone` after each. */
export async function unwindEntries(
  entries: readonly StoredEntry[],
  machinery: UndoMachinery,
  ctx: UndoContext,
  onUndone: (undone: Undone) => void,
): Promise<readonly Leak[]> {
  const leaks: Leak[] = [];
  for (const { key, entry } of [...entries].sort(byKey).reverse()) {
    const reason = await unwindEntry(key, entry, machinery, ctx);
    if (reason !== undefined) leaks.push({ what: entry.what, reason });
    onUndone({ what: entry.what, ...(reason === undefined ? {} : { error: reason }) });
  }
  return leaks;
}

/** Why it failed, or `undefined`. */
async function unwindEntry(
  key: string,
  entry: UndoEntry,
  machinery: UndoMachinery,
  ctx: UndoContext,
): Promise<string | undefined> {
  const reason = await takeBack(entry, machinery, ctx);
  if (reason !== undefined) return reason;
  try {
    await machinery.store.txn([], [{ op: 'delete', key }]);
    return undefined;
  } catch (error) {
    return `it was taken back, but its record could not be removed: ${messageOf(error)}`;
  }
}

async function takeBack(
  entry: UndoEntry,
  { clock, registry, retry }: UndoMachinery,
  ctx: UndoContext,
): Promise<string | undefined> {
  if (!Object.hasOwn(registry, entry.action)) {
    return `the undo registry has no action '${entry.action}'; add it and recover again`;
  }
  const action = registry[entry.action];
  let reason = '';
  for (let attempt = 1; attempt <= Math.max(1, retry.attempts); attempt++) {
    try {
      if (attempt > 1 && retry.delayMs > 0) await sleep(clock, retry.delayMs, ctx.signal);
      if (ctx.signal.aborted) return `undoing was given up${reason === '' ? '' : `: ${reason}`}`;
      await action?.(entry.args, ctx);
      return undefined;
    } catch (error) {
      if (ctx.signal.aborted && reason !== '') return `undoing was given up: ${reason}`;
      reason = messageOf(error);
    }
  }
  return reason;
}

function byKey(a: StoredEntry, b: StoredEntry): number {
  return a.key < b.key ? -1 : 1;
}

/** An error of reading, whatever was thrown. */
export function asConfigError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  return new ConfigError(messageOf(error), 'corrupt', { cause: error });
}
