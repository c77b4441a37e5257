/** Large transactions, nested: still what was asked for, in parts that a server takes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_TXN_OPS, type TxnRequest, txnRequest } from '../../src/etcd/client/txn-request.js';

const ops = (count: number) =>
  Array.from({ length: count }, (_none, n) => ({ op: 'put', key: `k${n}`, value: '' }) as const);
const compare = (count: number) =>
  Array.from({ length: count }, (_none, n) => ({ key: `c${n}`, revision: n }));

/** What the server checks: a level may hold what the levels above it have left. */
function isTaken({ compare: conditions, success }: TxnRequest, limit = MAX_TXN_OPS): boolean {
  const here = Math.max(conditions.length, success.length);
  if (here > limit) return false;
  return success.every(({ requestTxn }) => !requestTxn || isTaken(requestTxn, limit - here));
}

function keysOf({ success }: TxnRequest): string[] {
  return success.flatMap(({ requestPut, requestDeleteRange, requestTxn }) =>
    requestTxn ? keysOf(requestTxn) : [String((requestPut ?? requestDeleteRange)?.key)],
  );
}

test('should ask for the same operations in the same order', () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.nat(128), (count, comparisons) => {
      const request = txnRequest(compare(comparisons), ops(count));
      expect(keysOf(request)).toEqual(ops(count).map(({ key }) => key));
      expect(request.compare).toHaveLength(comparisons);
    }),
  );
});

test('should be taken by a server with its default limits as far as the documentation says', () => {
  const limits = [
    [0, 4_096],
    [64, 4_096],
    [100, 2_800],
    [128, 128],
  ] as const;
  for (const [comparisons, most] of limits) {
    for (const count of [1, 127, 128, 129, 500, most].filter((n) => n <= most)) {
      expect(isTaken(txnRequest(compare(comparisons), ops(count)))).toBe(true);
    }
    expect(isTaken(txnRequest(compare(comparisons), ops(most + 1)))).toBe(false);
  }
});

test('given few operations, should not nest', () => {
  const { success } = txnRequest([], [...ops(127), { op: 'delete', key: 'last' }]);
  expect(success.every(({ requestTxn }) => requestTxn === undefined)).toBe(true);
  expect(success.at(-1)).toEqual({ requestDeleteRange: { key: Buffer.from('last') } });
});
