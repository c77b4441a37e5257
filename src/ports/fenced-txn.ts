/**
 * Transactions of an owner of locks: they compare its fence, so that nothing is written by somebody
 * who has lost its locks without knowing it yet. In one place, because a transaction that fails
 * does not say which condition failed, and "somebody was faster" and "you are gone" are answered
 * differently.
 *
 * F1 Nothing is sent once the fence's source says that the right is gone.
 * F2 A failed fence is `LockLost`; a failed condition of the caller's is a result, as ever.
 * F3 Where the answer was lost it is found out what became of the transaction. First the owner
 *    gets another fence, so that it cannot be carried out any more if it was not; then what it
 *    would have written is looked for. What was not carried out is sent again.
 */
import { ConfigError, LockLost } from '../errors.js';
import type { FenceSource, LockFence } from './fence.js';
import {
  isOutcomeUnknown,
  type KvCompare,
  type KvOp,
  type KvStore,
  type KvTxnResult,
} from './kv-store.js';

/** What came of a fenced transaction. */
export interface FencedResult extends KvTxnResult {
  /**
   * The answer was lost, and what has become of it was found out (F3). The revision is that of a
   * key which it has put; if others have put all of these since, it is a later one.
   */
  readonly isFoundOut?: true;
}

/**
 * `KvStore.txn` in the name of an owner. Rejects with `LockLost` if its locks are no longer its
 * own; then nothing was changed. Without a fence it is the store's own transaction.
 */
export async function fencedTxn(
  store: KvStore,
  fence: FenceSource | undefined,
  compare: readonly KvCompare[],
  ops: readonly KvOp[],
): Promise<FencedResult> {
  for (;;) {
    const proof = fence?.();
    if (proof === undefined) return store.txn(compare, ops);
    const sent = store.txn([...compare, proof.compare], ops);
    const result = await sent.catch((error: unknown) => mustBeUnknown(error, fence));
    if (result === undefined) {
      const known = [proof.compare, ...compare].map(({ revision }) => revision ?? 0);
      const found = await settle(store, fence, ops, Math.max(...known));
      if (found !== undefined) return found;
      continue;
    }
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

function mustBeUnknown(error: unknown, fence: FenceSource | undefined): undefined {
  if (fence?.renew === undefined || !isOutcomeUnknown(error)) throw error;
}

/** See F3. Ends when the store has told, or when the locks are lost. */
async function settle(
  store: KvStore,
  fence: FenceSource | undefined,
  ops: readonly KvOp[],
  since: number,
): Promise<FencedResult | undefined> {
  for (;;) {
    // Whoever undid what may have been done would not know of it. Writing the fence waits for the
    // store, so this takes its time.
    await fence?.renew?.();
    try {
      return await findOut(store, ops, since);
    } catch (error) {
      if (!(error instanceof ConfigError && error.code === 'io')) throw error;
    }
  }
}

/**
 * What was written, if it was; else it was not carried out. `since` is the latest revision that it
 * was to compare with, so that whatever it has written is newer. What is there as it would be tells
 * that it was carried out, if all else that it puts is there at that revision or at a later one:
 * others may have written some of it since (the cluster's record, the table of claims).
 * Nobody else writes all of the same: values tell of changes under locks that the owner has, or lie
 * under its own name. Where they do not, it is the same whoever has written them.
 */
async function findOut(
  store: KvStore,
  ops: readonly KvOp[],
  since: number,
): Promise<FencedResult | undefined> {
  const looks = ops.map(async (op) => ({ op, entry: await store.get(op.key) }));
  const seen = await Promise.all(looks);
  const revisions = seen.flatMap(({ op, entry }) => {
    const isAsPut = op.op === 'put' && entry?.value === op.value && entry.revision > since;
    return isAsPut ? [entry.revision] : [];
  });
  const puts = seen.filter(({ op }) => op.op === 'put');
  if (puts.length > 0 && revisions.length === 0) return undefined;
  const revision = revisions.length === 0 ? 0 : Math.min(...revisions);
  const isDone = seen.every(({ op, entry }) =>
    op.op === 'put'
      ? entry !== undefined && entry.revision >= revision
      : entry === undefined || (puts.length > 0 && entry.revision > revision),
  );
  return isDone ? { committed: true, revision, isFoundOut: true } : undefined;
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
