/**
 * The groups of benchmarks. Each is loaded only in the process that runs it.
 */
import type { BenchRow } from './row.js';

/** Gives a group's function. */
export type Load = () => Promise<() => Promise<BenchRow[]>>;

/** All of them, in the order in which they run. */
export const GROUPS: Readonly<Record<string, Load>> = {
  import: async () => (await import('./import.bench.js')).benchImport,
  locks: async () => (await import('./locks.bench.js')).benchLocks,
  config: async () => (await import('./config.bench.js')).benchConfig,
  lu: async () => (await import('./lu.bench.js')).benchLu,
  etcd: async () => (await import('./etcd.bench.js')).benchEtcd,
  placement: async () => (await import('./placement.bench.js')).benchPlacement,
  ganeti: async () => (await import('./ganeti.bench.js')).benchGaneti,
};
