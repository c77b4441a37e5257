/**
 * Ports of consoles and mirrors: numbers which instances take and give back. The bookkeeping is
 * part of the commit that adds or removes the instance, so that pool and instances never disagree
 * (Ganeti changes the pool in a step of its own, and leaks ports between the two).
 */
import { type Cluster, FIRST_PORT, LAST_PORT } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import type { PendingCommit } from './draft.js';
import { CLUSTER_ROW } from './tables.js';

/** Brings pool and highest port in line with the instances that the commit touches. */
export function settlePorts(pending: PendingCommit): void {
  const taken = new Set<number>();
  const freed = new Set<number>();
  const settleOne = (old: number | undefined, port: number | undefined): void => {
    if (old === port) return;
    if (isManaged(old)) freed.add(old);
    if (isManaged(port)) taken.add(port);
  };
  for (const { row, after } of pending.touched('instance')) {
    settleOne(row?.entity.networkPort, after?.networkPort);
  }
  for (const { row, after } of pending.touched('disk')) {
    settleOne(portOf(row?.entity), portOf(after));
  }
  if (taken.size === 0 && freed.size === 0) return;
  const cluster = pending.current('cluster', CLUSTER_ROW);
  if (cluster !== undefined) pending.replace('cluster', CLUSTER_ROW, settle(cluster, taken, freed));
}

/** The port by which the two sides of a mirrored disk talk. */
function portOf(disk: Disk | undefined): number | undefined {
  return disk?.location.kind === 'drbd' ? disk.location.port : undefined;
}

function isManaged(port: number | undefined): port is number {
  return port !== undefined && port >= FIRST_PORT && port <= LAST_PORT;
}

function settle(cluster: Cluster, taken: ReadonlySet<number>, freed: ReadonlySet<number>): Cluster {
  const pool = new Set([...cluster.portPool, ...freed]);
  // A port that was given back may be any number; only fresh ones raise the mark.
  const fresh = [...taken].filter((port) => !pool.has(port));
  const highest = Math.max(cluster.highestUsedPort, ...fresh);
  // Ports that were skipped, being reserved at the time, count as given back.
  for (let port = firstFresh(cluster); port < highest; port++) pool.add(port);
  const portPool = [...pool].filter((port) => !taken.has(port));
  return { ...cluster, portPool, highestUsedPort: highest };
}

/**
 * The lowest port that was given back, else the lowest that was never given out; `undefined` if
 * there is none.
 */
export function lowestFreePort(
  cluster: Cluster,
  isTaken: (port: number) => boolean,
): number | undefined {
  const pooled = cluster.portPool.filter((port) => !isTaken(port));
  if (pooled.length > 0) return Math.min(...pooled);
  let port = firstFresh(cluster);
  while (port <= LAST_PORT && isTaken(port)) port++;
  return port <= LAST_PORT ? port : undefined;
}

function firstFresh(cluster: Cluster): number {
  return Math.max(cluster.highestUsedPort + 1, FIRST_PORT);
}
