/**
 * What processes do while faults happen, and how it is judged afterwards. One object per round and
 * kind of work.
 */
import type { KvStore } from '../../../src/ports/kv-store.js';
import type { SeededIds } from '../../../src/testing/seeded-ids.js';

/** The work of one round. */
export interface Workload {
  /** One operation by one process, chosen by the dice. Rejects only if a promise was broken. */
  step(store: KvStore, process: number, dice: SeededIds): Promise<void>;
  /** After the fault: what everybody should see now. */
  finish(store: KvStore): Promise<void>;
  /** What was seen, and what is wrong with it. */
  judge(): Judgement;
}

/** What came of a round. */
export interface Judgement {
  /** Operations that the checker was given. */
  readonly operations: number;
  /** Those of them whose outcome nobody knows. */
  readonly unknown: number;
  /** Histories that cannot be; empty if all is well. */
  readonly violations: readonly string[];
}

/** Begins a workload on keys of its own. */
export type BeginWorkload = (prefix: string) => Workload;
