/**
 * The groups of benchmarks. Each is loaded only in the process that runs it.
 */
import type { BenchRow } from './row.js';

/** A group. */
export interface Group {
  /** Gives its function. */
  readonly load: () => Promise<() => Promise<BenchRow[]>>;
  /** Most time it may take, seconds; several times what it takes on two busy cores. */
  readonly limitS: number;
}

/** All of them, in the order in which they run. */
export const GROUPS: Readonly<Record<string, Group>> = {
  lu: { load: async () => (await import('./lu.bench.js')).benchLu, limitS: 150 },
  locks: { load: async () => (await import('./locks.bench.js')).benchLocks, limitS: 90 },
  config: { load: async () => (await import('./config.bench.js')).benchConfig, limitS: 90 },
  import: { load: async () => (await import('./import.bench.js')).benchImport, limitS: 120 },
};
