/**
 * Transactions as etcd takes them. A server refuses one with more than 128 comparisons or 128
 * operations (`--max-txn-ops`), but an operation may itself be a transaction, whose limit is what
 * the outer one has left. So large ones are nested: still one transaction at one revision, carried
 * out as a whole, in order.
 *
 * T1 The operations, read depth first, are those that were asked for, in their order.
 * T2 No part is larger than the server allows at its depth, as long as any nesting is not.
 */
import type { KvCompare, KvOp } from '../../ports/kv-store.js';

/** What a server takes unless it was started with another `--max-txn-ops`. */
export const MAX_TXN_OPS = 128;

/** A transaction's operation; a key that is put may go with a lease. */
export type EtcdOp = KvOp & { readonly lease?: string };

/** A transaction on the wire. */
export interface TxnRequest {
  readonly compare: readonly object[];
  readonly success: readonly TxnRequestOp[];
}

/** An operation on the wire: one of the three. */
export interface TxnRequestOp {
  readonly requestPut?: { readonly key: Buffer; readonly value: Buffer; readonly lease?: string };
  readonly requestDeleteRange?: { readonly key: Buffer };
  readonly requestTxn?: TxnRequest;
}

/** Numbers of the protocol's enumerations. */
const EQUAL = 0;
const MOD_REVISION = 2;

/** The request for a transaction. */
export function txnRequest(compare: readonly KvCompare[], ops: readonly EtcdOp[]): TxnRequest {
  const conditions = compare.map(({ key, revision }) => ({
    result: EQUAL,
    target: MOD_REVISION,
    key: Buffer.from(key),
    modRevision: String(revision),
  }));
  const all = ops.map(operation);
  if (all.length <= MAX_TXN_OPS) return { compare: conditions, success: all };
  return { compare: conditions, success: nested(all, conditions.length) };
}

/** As few inner transactions as will do; the more there are, the less each of them may hold. */
function nested(ops: readonly TxnRequestOp[], comparisons: number): readonly TxnRequestOp[] {
  for (let parts = 2; parts < MAX_TXN_OPS; parts++) {
    const room = MAX_TXN_OPS - Math.max(parts, comparisons);
    if (parts * room >= ops.length) return chunks(ops, room).map(inner);
  }
  // More than a server with its default limits could take in any form; this one may have others.
  return ops;
}

function inner(success: readonly TxnRequestOp[]): TxnRequestOp {
  return { requestTxn: { compare: [], success } };
}

function operation(op: EtcdOp): TxnRequestOp {
  const key = Buffer.from(op.key);
  if (op.op === 'delete') return { requestDeleteRange: { key } };
  const lease = op.lease === undefined ? {} : { lease: op.lease };
  return { requestPut: { key, value: Buffer.from(op.value), ...lease } };
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size));
  return parts;
}
