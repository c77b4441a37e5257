/**
 * How long each step of a transfer may take, and how often its daemons are looked at. Ganeti's
 * values, all of them, so that both kinds of cluster give up at the same moment.
 */

/** Times of one kind of transfer, milliseconds. */
export interface TransferLimits {
  /** Until a started daemon has a state at all. */
  readonly readyMs: number;
  /** For how long a node may fail to tell the state of its daemons. */
  readonly errorMs: number;
  /** Until a receiving daemon listens. */
  readonly listenMs: number;
  /** Until both sides have found each other. */
  readonly connectMs: number;
  /** How often progress is reported, at most. */
  readonly progressMs: number;
}

/** What does not depend on the kind of transfer (Ganeti's `ImportExportTimeouts`). */
const COMMON = { readyMs: 10_000, errorMs: 10_000, listenMs: 10_000, progressMs: 60_000 };

/** Between nodes of one cluster (Ganeti's `DISK_TRANSFER_CONNECT_TIMEOUT`). */
export const LOCAL_LIMITS: TransferLimits = { ...COMMON, connectMs: 60_000 };

/** Between clusters (Ganeti's `RIE_CONNECT_TIMEOUT`), without the time for stopping the guest. */
const REMOTE_CONNECT_MS = 180_000;

/** How long the other cluster may take to stop the guest if the request does not say, seconds. */
export const SHUTDOWN_TIMEOUT_S = 120;

/**
 * From another cluster, which stops the guest before it connects: that takes `shutdownTimeoutS`
 * seconds at most.
 */
export function remoteLimits(shutdownTimeoutS: number): TransferLimits {
  return { ...COMMON, connectMs: REMOTE_CONNECT_MS + shutdownTimeoutS * 1000 };
}

/** How long a key for transfers between clusters is good, seconds (`RIE_CERT_VALIDITY`). */
export const CERTIFICATE_VALIDITY_S = 86_400;

/** How long to wait before daemons are looked at again, by what the most urgent one is about. */
export const POLL_MS = {
  /** It has no state yet. */
  starting: 3000,
  /** It waits for the other side. */
  connecting: 1000,
  /** It works. */
  working: 5000,
  /** There is none that anything is known of. */
  idle: 20_000,
} as const;
