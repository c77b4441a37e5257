/**
 * Transactions of an owner of locks: they compare its fence, so that nothing is written by somebody
 * who has lost its locks without knowing it yet. In one place, because a transaction that fails
 * does not say which condition failed, and "somebody was faster" and "you are gone" are answered
 * differently.
 *
 * F1 Nothing is sent once the fence's source says that the right is gone.
 * F2 A failed fence is `LockLost`; a failed condition of the caller's is a result, as ever.
 */
import { LockLost } from '../errors.js';
import type { FenceSource, LockFence } from './fence.js';
import type { KvCompare, KvOp, KvStore, KvTxnResult } from './kv-store.js';

/**
 * `KvStore.txn` in the name of an owner. Rejects with `LockLost` if its locks are no longer its
 * own; then nothing was changed. Without a fence it is the store's own transaction.
 */
export async function fencedTxn(
  store: KvStore,
  fence: FenceSource | undefined,
  compare: readonly KvCompare[],
  ops: readonly KvOp[],
): Promise<KvTxnResult> {
  for (;;) {
    const proof = fence?.();
    if (proof === undefined) return store.txn(compare, ops);
    const result = await store.txn([...compare, proof.compare], ops);
    if (result.committed) return result;
    const revision = await revisionOf(store, proof);
    if (revision === proof.compare.revision) return result;
    // The owner may have been granted something meanwhile; then its proof is another one by now.
    if (fence?.()?.compare.revision !== revision) throw gone(proof);
  }
}

/**
 * Rejects with `LockLost` if the owner's locks are no longer its own. The answer holds for the
 * moment at which the store was asked.
 */
export async function confirmFence(store: KvStore, fence: FenceSource | undefined): Promise<void> {
  const proof = fence?.();
  if (proof === undefined) return;
  const revision = await revisionOf(store, proof);
  const now = fence?.();
  if (now?.compare.revision !== revision) throw gone(proof);
}

async function revisionOf(store: KvStore, { compare }: LockFence): Promise<number> {
  return (await store.get(compare.key))?.revision ?? 0;
}

function gone({ compare }: LockFence): LockLost {
  return new LockLost(
    `'${compare.key}' is no longer as it was when the locks were granted: another process has ` +
      'taken them over',
  );
}
