/**
 * The right of one owner of locks, as everything that acts in its name asks for it.
 *
 * O1 Where processes share the locks, an owner without a proof has lost its locks: it may not act.
 * O2 Where they do not, nothing has to be proven, and asking costs next to nothing.
 */
import { isLockLost, LockLost } from '../errors.js';
import type { FenceSource, LockFence } from '../ports/fence.js';
import type { LockManager, OwnerId } from '../ports/lock-manager.js';

/** Whether the locks are shared with other processes, so that they can be lost. */
export function areShared(locks: LockManager): boolean {
  return locks.lost !== undefined;
}

/** What the owner can prove now, whenever it is asked. */
export function fenceOf(locks: LockManager, owner: OwnerId): FenceSource {
  const fence = (): LockFence | undefined => {
    throwIfLost(locks);
    const proof = locks.fence(owner);
    if (proof === undefined && areShared(locks)) {
      throw new LockLost(`'${owner}' holds no locks any more`);
    }
    return proof;
  };
  return Object.assign(fence, { renew: () => locks.renew(owner) });
}

/** Throws `LockLost` once this process has lost all of its locks. */
export function throwIfLost({ lost }: Pick<LockManager, 'lost'>): void {
  if (lost?.aborted === true) throw lossOf(lost);
}

/** Why everything is lost. */
export function lossOf({ reason }: AbortSignal): LockLost {
  if (isLockLost(reason)) return reason;
  return new LockLost('This process no longer counts as alive', {
    cause: reason,
  });
}
