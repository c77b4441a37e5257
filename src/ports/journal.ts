/**
 * Write-ahead undo: how to take back a side effect is written down before the side effect.
 */
import type { ConfigStore } from './config-store.js';
import type { NodeRpc } from './node-rpc.js';
import type { Reporter } from './reporter.js';

/**
 * JSON values: what survives a crash.
 * @public
 */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * How to take one side effect back: a named action with its arguments. Data, since a closure does
 * not survive a crash.
 * @public
 */
export interface UndoEntry {
  /** What is taken back, in words, for reports: `disk /srv/web1/disk0 on node1`. */
  readonly what: string;
  /** Name of an action of the host's undo registry. */
  readonly action: string;
  /** The action's arguments. No secrets but those that the configuration keeps as well. */
  readonly args: { readonly [key: string]: JsonValue };
}

/**
 * An undo entry that was written down.
 * @public
 */
export interface DeferredUndo {
  /** Takes the entry out again, without running it: the side effect has ended in good order. */
  discard(): Promise<void>;
  /**
   * Keeps the entry even if the operation succeeds: what should be gone by now could not be taken
   * away, and that is no reason to fail. It stays in the journal until `recover()` has done it.
   */
  outlive(): void;
}

/**
 * The undo stack of one operation. Last in, first out.
 * @public
 */
export interface UndoStack {
  /** Writes an entry down; durable when the promise resolves. Only then may the effect begin. */
  defer(entry: UndoEntry): Promise<DeferredUndo>;
  /**
   * The commit point. Under the policy `keep` what was done so far stays, whatever happens later
   * (Ganeti's behaviour); under `rollback`, the default, this changes nothing.
   */
  commitPoint(): Promise<void>;
}

/**
 * What an undo action may use. Its signal is not the operation's: undo is shielded.
 * @public
 */
export interface UndoContext {
  /** The nodes. */
  readonly rpc: NodeRpc;
  /** The configuration. */
  readonly config: ConfigStore;
  /** Where to report to. */
  readonly report: Reporter;
  /** Fires only if the host gives up undoing; what is left stays in the journal. */
  readonly signal: AbortSignal;
}

/**
 * Takes one side effect back. Must be idempotent: what is gone already is done. Rejects if it
 * could not; then it will be tried again.
 * @public
 */
export type UndoAction = (args: UndoEntry['args'], ctx: UndoContext) => Promise<void>;

/**
 * The actions that journals may name.
 * @public
 */
export type UndoRegistry = Readonly<Record<string, UndoAction>>;
