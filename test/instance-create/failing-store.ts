/**
 * A store that refuses one transaction, and works before and after it.
 */
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { ConfigError } from '../../src/errors.js';
import type { KvCompare, KvOp, KvTxnResult } from '../../src/ports/kv-store.js';

export class FailingStore extends MemoryKvStore {
  failAt = Number.POSITIVE_INFINITY;
  seen = 0;

  override txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.seen += 1;
    if (this.seen === this.failAt) {
      return Promise.reject(new ConfigError('The disk of the store is full', 'io'));
    }
    return super.txn(compare, ops);
  }
}
