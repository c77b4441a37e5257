/**
 * Progress: what is going on, as typed events, for terminals, logs and traces.
 */
import type { LockBlocker } from '../errors.js';
import type { RemoteImportOffer } from './transfer.js';

/**
 * The phases of an LU's life, in order.
 * @public
 */
export type PhaseName =
  | 'check-arguments'
  | 'expand-names'
  | 'locks'
  | 'check-prereq'
  | 'pre-hooks'
  | 'exec'
  | 'post-hooks'
  | 'undo';

/**
 * How a place for an instance is looked for, from the lightest to the heaviest: on a snapshot, by
 * claiming room; among those nodes that are free; with all nodes locked.
 * @public
 */
export type PlacementRung = 'claims' | 'opportunistic' | 'full';

/**
 * What may be reported. `atMs` is wall-clock time, durations are milliseconds.
 * @public
 */
export interface ReportEvents {
  /** A phase begins. */
  readonly phaseStart: { readonly phase: PhaseName; readonly atMs: number };
  /** A phase ended, well or not. */
  readonly phaseEnd: {
    readonly phase: PhaseName;
    readonly atMs: number;
    readonly durationMs: number;
    readonly failed: boolean;
  };
  /** A step inside a phase begins. Steps do not nest; the next one ends the former. */
  readonly step: { readonly message: string; readonly atMs: number };
  /** How far the current step has come. */
  readonly progress: {
    readonly message: string;
    /** From 0 to 1. */
    readonly fraction: number;
    /** Estimate of the time left; absent as long as there is no base for one. */
    readonly remainingMs?: number;
  };
  /** Something worth knowing. */
  readonly info: { readonly message: string };
  /** Something that the operator should look at. */
  readonly warning: { readonly message: string };
  /** Locks are not free: who holds them. */
  readonly lockWait: { readonly level: string; readonly blockers: readonly LockBlocker[] };
  /** Locks of a level were granted. */
  readonly lockGranted: { readonly locks: readonly string[]; readonly waitedMs: number };
  /** A node was called. */
  readonly call: {
    readonly method: string;
    readonly nodes: readonly string[];
    readonly durationMs: number;
    readonly failed: boolean;
  };
  /** A hook script ran, or a node could not be asked. */
  readonly hook: {
    readonly phase: 'pre' | 'post';
    readonly node: string;
    /** Empty if the node as a whole could not be asked. */
    readonly script: string;
    readonly status: 'ok' | 'failed' | 'skipped' | 'unreachable' | 'timeout';
    readonly output: string;
  };
  /** The configuration changed. */
  readonly commit: { readonly why: string; readonly serial: number };
  /** A side effect was taken back, or could not be. */
  readonly undone: { readonly what: string; readonly error?: string };
  /** Another cluster may send an instance now. Whoever asked for it hands this over. */
  readonly remoteImport: RemoteImportOffer;
  /** A place is looked for on this rung of the ladder. */
  readonly rung: { readonly rung: PlacementRung };
  /** The operation starts again with another request. */
  readonly retry: { readonly reason: string };
}

/**
 * Where an LU reports to.
 * @public
 */
export interface Reporter {
  /** A step begins. */
  step(message: string): void;
  /** How far the current step has come: from 0 to 1. */
  progress(fraction: number, message?: string): void;
  /** Something worth knowing. */
  info(message: string): void;
  /** Something that the operator should look at. */
  warn(message: string): void;
  /** Another cluster may send an instance now. */
  offer(offer: RemoteImportOffer): void;
  /** A place is looked for on this rung of the ladder. */
  rung(rung: PlacementRung): void;
}
