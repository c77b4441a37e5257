/**
 * What is judged: the parts of a cluster in which an operation may leave something, however the
 * cluster was made.
 */
import type { OpenCluster } from '../../src/open-cluster.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { ManualClock } from '../../src/testing/manual-clock.js';

/** A cluster under trial. */
export interface Subject {
  readonly cluster: OpenCluster;
  readonly clock: ManualClock;
  readonly store: KvStore;
  /** What exists on nodes and did not before, one line each; daemons and keys are among it. */
  readonly onNodes: () => readonly string[];
  /** How many timers are the nodes' own: they take their time, whoever waits for them. */
  readonly onTheirWay: () => number;
  /** Whoever else holds locks lets go of them. */
  readonly othersLeave: () => void;
  /** From now on nodes do what they are told. */
  readonly calm: () => void;
}
