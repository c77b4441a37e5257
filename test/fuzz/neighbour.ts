/**
 * Somebody else, who has locked something when the request comes and lets go of it after a while.
 */
import type { OpenCluster } from '../../src/open-cluster.js';
import type { LockName } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import type { ManualClock } from '../../src/testing/manual-clock.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { Neighbour } from './clusters.js';

const LOCKS: Readonly<Record<Neighbour['holds'], readonly LockName[]>> = {
  nothing: [],
  node: [`node/${nodeIdOf('node1')}`, `node-res/${nodeIdOf('node1')}`],
  nodes: ['node/[lockset]'],
  instance: ['instance/web1.example.com'],
  cluster: ['cluster/BGL'],
};

/** Takes the locks; the answer gives them back before their time. */
export async function moveIn(
  { locks }: OpenCluster,
  clock: ManualClock,
  { holds, forMs }: Neighbour,
): Promise<() => void> {
  const wanted = LOCKS[holds];
  if (wanted.length === 0) return () => undefined;
  const somebody = ownerId('somebody else');
  await locks.acquire(
    somebody,
    wanted.map((lock) => ({ lock, mode: 'exclusive' })),
  );
  const leave = (): void => void locks.release(somebody, 'all');
  const timer = clock.timer(forMs, leave);
  return () => {
    timer.cancel();
    leave();
  };
}
