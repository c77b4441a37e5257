/**
 * Random work on a key-value store, compared with the plainest store there could be: a sorted list.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { KvChange, KvCompare, KvEntry, KvOp, KvStore } from '../../src/ports/kv-store.js';

/** Few keys, so that they meet; among them neighbours in UTF-8 that are none in UTF-16. */
const KEYS = ['a', 'a/', 'a/b', 'a/b/c', 'ab', 'b', '\u0001', '\uffff', '\u{10000}', 'é'];

const key = fc.constantFrom(...KEYS);
const op: fc.Arbitrary<KvOp> = fc.oneof(
  fc.record({ op: fc.constant('put' as const), key, value: fc.string({ maxLength: 8 }) }),
  fc.record({ op: fc.constant('delete' as const), key }),
);

/** A transaction; conditions are right, wrong, or about what is not there. */
export interface Step {
  readonly ops: readonly KvOp[];
  readonly compare: readonly { readonly key: string; readonly guess: 'right' | 'zero' | 'wrong' }[];
  readonly prefix: string;
}

/** Any transaction, and a prefix to look at afterwards. */
export const step: fc.Arbitrary<Step> = fc.record({
  ops: fc.uniqueArray(op, { maxLength: 4, selector: (one) => one.key }),
  compare: fc.array(
    fc.record({
      key,
      guess: fc.oneof(
        { weight: 6, arbitrary: fc.constant('right' as const) },
        { weight: 1, arbitrary: fc.constant('zero' as const) },
        { weight: 1, arbitrary: fc.constant('wrong' as const) },
      ),
    }),
    { maxLength: 3 },
  ),
  prefix: fc.constantFrom('', 'a', 'a/', 'z', '\uffff'),
});

/** The model. */
export class ModelStore {
  readonly entries = new Map<string, KvEntry>();
  readonly changes: KvChange[] = [];
  revision = 0;

  txn(compare: readonly KvCompare[], ops: readonly KvOp[]): boolean {
    for (const { key, revision } of compare) {
      if ((this.entries.get(key)?.revision ?? 0) !== revision) return false;
    }
    const done = ops.filter((one) => one.op === 'put' || this.entries.has(one.key));
    if (done.length === 0) return true;
    this.revision++;
    for (const one of done) {
      if (one.op === 'delete') this.entries.delete(one.key);
      else this.entries.set(one.key, { ...pick(one), revision: this.revision });
    }
    this.changes.push({ revision: this.revision, ops: done });
    return true;
  }

  range(prefix: string): KvEntry[] {
    const found = [...this.entries.values()].filter((entry) => entry.key.startsWith(prefix));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }
}

function pick({ key, value }: { key: string; value: string }): { key: string; value: string } {
  return { key, value };
}

/** Does every step on both and compares all that can be seen, what watchers see included. */
export async function agree(store: KvStore, steps: readonly Step[]): Promise<void> {
  const model = new ModelStore();
  const stop = new AbortController();
  const seen: KvChange[] = [];
  const watching = (async () => {
    for await (const change of store.watch('', 0, stop.signal)) seen.push(change);
  })();
  for (const { ops, compare, prefix } of steps) {
    const conditions = compare.map(({ key, guess }) => {
      const actual = model.entries.get(key)?.revision ?? 0;
      return { key, revision: guess === 'right' ? actual : guess === 'zero' ? 0 : actual + 1 };
    });
    const result = await store.txn(conditions, ops);
    const committed = model.txn(conditions, ops);
    expect(result).toEqual({ committed, revision: model.revision });
    const { entries, revision } = await store.range(prefix);
    expect(entries).toEqual(model.range(prefix));
    expect(revision).toBe(model.revision);
    for (const one of KEYS) expect(await store.get(one)).toEqual(model.entries.get(one));
  }
  await catchUp(store, model.changes, seen);
  stop.abort();
  await watching;
}

/** A second watcher that begins at 0 and ends after the last change gives the first one its time. */
async function catchUp(store: KvStore, expected: KvChange[], seen: KvChange[]): Promise<void> {
  const late: KvChange[] = [];
  if (expected.length > 0) {
    for await (const change of store.watch('', 0, new AbortController().signal)) {
      if (late.push(change) === expected.length) break;
    }
  }
  expect(late).toEqual(expected);
  expect(seen).toEqual(expected);
}
