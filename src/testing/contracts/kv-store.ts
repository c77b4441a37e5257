/**
 * What every key-value store promises, as tests that its author runs with any test runner. Owns no
 * store: the fixture brings one.
 */
import assert from 'node:assert/strict';
import type { KvChange, KvOp, KvStore } from '../../ports/kv-store.js';
import { fails } from './fails.js';

/**
 * A store to be tried, fresh and empty for each test.
 * @public
 */
export interface KvStoreFixture {
  /** The store. */
  readonly store: KvStore;
  /** Opens it again after it was closed. */
  reopen?(): Promise<KvStore>;
  /** Removes everything; the store may be open or closed. */
  dispose(): Promise<void>;
}

/**
 * How to run the contract.
 * @public
 */
export interface KvStoreContract {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes a store to be tried. */
  readonly make: () => Promise<KvStoreFixture>;
  /** Whether the store keeps what it holds when it is closed; then fixtures have `reopen`. */
  readonly keeps: boolean;
}

type Check = (fixture: KvStoreFixture) => Promise<void>;

/**
 * Declares the tests of the store port's promises.
 * @public
 */
export function kvStoreContract({ test, make, keeps }: KvStoreContract): void {
  for (const [name, check] of Object.entries(keeps ? { ...CHECKS, ...KEEPS } : CHECKS)) {
    test(`key-value store: ${name}`, async () => {
      const fixture = await make();
      try {
        await check(fixture);
      } finally {
        await fixture.dispose();
      }
    });
  }
}

const put = (key: string, value: string = key): KvOp => ({ op: 'put', key, value });
const del = (key: string): KvOp => ({ op: 'delete', key });

const readBack: Check = async ({ store }) => {
  assert.equal(await store.get('a'), undefined);
  const first = await store.txn([], [put('a', '1'), put('b', '2')]);
  const second = await store.txn([], [put('a', '3')]);
  assert.equal(first.committed && second.committed, true);
  assert.ok(second.revision > first.revision);
  assert.deepEqual(await store.get('a'), { key: 'a', value: '3', revision: second.revision });
  assert.deepEqual(await store.get('b'), { key: 'b', value: '2', revision: first.revision });
};

const conditions: Check = async ({ store }) => {
  const made = await store.txn([{ key: 'a', revision: 0 }], [put('a', '1')]);
  const refused = await store.txn([{ key: 'a', revision: 0 }], [put('a', '2'), put('b')]);
  assert.deepEqual(refused, { committed: false, revision: made.revision });
  assert.equal((await store.get('a'))?.value, '1');
  assert.equal(await store.get('b'), undefined);
  const { revision } = made;
  const changed = await store.txn([{ key: 'a', revision }], [put('a', '3')]);
  assert.equal(changed.committed, true);
  assert.equal((await store.txn([{ key: 'a', revision }], [])).committed, false);
};

const deletion: Check = async ({ store }) => {
  const { revision } = await store.txn([], [put('a'), put('b')]);
  assert.deepEqual(await store.txn([], [del('c')]), { committed: true, revision });
  assert.deepEqual(await store.txn([{ key: 'b', revision }], []), { committed: true, revision });
  const gone = await store.txn([{ key: 'a', revision }], [del('a'), del('c')]);
  assert.ok(gone.committed && gone.revision > revision);
  assert.equal(await store.get('a'), undefined);
  assert.equal((await store.txn([{ key: 'a', revision: 0 }], [put('a')])).committed, true);
};

const ranges: Check = async ({ store }) => {
  // U+FFFD and U+1F600 lie the other way round in JavaScript's own order of strings.
  const keys = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'a0', 'b', 'ä', '\uFFFD', '\u{1F600}'];
  const { revision } = await store.txn(
    [],
    [...keys].reverse().map((key) => put(key)),
  );
  const all = await store.range('');
  assert.deepEqual(
    all.entries.map(({ key }) => key),
    keys,
  );
  assert.equal(all.revision, revision);
  const some = await store.range('a/');
  assert.deepEqual(
    some.entries,
    ['a/', 'a/1', 'a/10', 'a/2'].map((key) => ({ key, value: key, revision })),
  );
  assert.deepEqual((await store.range('c')).entries, []);
};

const limits: Check = async ({ store }) => {
  const { revision } = await store.txn([], [put('a')]);
  await assert.rejects(store.txn([], [put('x', '1'), put('x', '2')]), fails('ProgrammerError'));
  for (const key of ['', 'k'.repeat(1025), 'ä'.repeat(513), 'nul\0', 'half\ud800']) {
    await assert.rejects(store.get(key), fails('ProgrammerError'));
    await assert.rejects(store.txn([], [put('y'), put(key)]), fails('ProgrammerError'));
  }
  await assert.rejects(store.txn([], [put('v', '\udc00')]), fails('ProgrammerError'));
  await assert.rejects(store.txn([], [put('v', 'x'.repeat(2 ** 20 + 1))]), fails('io'));
  assert.deepEqual((await store.range('')).revision, revision, 'what is refused changes nothing');
  const large = 'ä'.repeat(2 ** 19);
  const key = 'k'.repeat(1024);
  await store.txn([], [put(key, large), put('empty', '')]);
  assert.equal((await store.get(key))?.value, large);
  assert.equal((await store.get('empty'))?.value, '');
};

const races: Check = async ({ store }) => {
  const increment = async (): Promise<void> => {
    for (;;) {
      const entry = await store.get('counter');
      const next = put('counter', String(Number(entry?.value ?? 0) + 1));
      const compare = [{ key: 'counter', revision: entry?.revision ?? 0 }];
      if ((await store.txn(compare, [next])).committed) return;
    }
  };
  await Promise.all(Array.from({ length: 12 }, increment));
  assert.equal((await store.get('counter'))?.value, '12');
};

const watching: Check = async ({ store }) => {
  const { revision } = await store.txn([], [put('w/0'), put('other')]);
  const stop = new AbortController();
  const seen: KvChange[] = [];
  const watcher = collect(store.watch('w/', revision, stop.signal), seen, 3);
  const first = await store.txn([], [put('w/1'), put('other', '2'), del('w/0')]);
  await store.txn([], [put('other', '3')]);
  await store.txn([{ key: 'w/1', revision: 0 }], [put('w/2')]);
  const second = await store.txn([], [del('w/1'), del('w/1-never')]);
  const third = await store.txn([], [put('w/1', 'again')]);
  await watcher;
  assert.deepEqual(seen, [
    { revision: first.revision, ops: [put('w/1'), del('w/0')] },
    { revision: second.revision, ops: [del('w/1')] },
    { revision: third.revision, ops: [put('w/1', 'again')] },
  ]);
  const late: KvChange[] = [];
  await collect(store.watch('w/', first.revision, stop.signal), late, 2);
  assert.deepEqual(late, seen.slice(1), 'a watch may begin in the past');
};

const watchEnds: Check = async ({ store }) => {
  const stop = new AbortController();
  const { revision } = await store.range('');
  const aborted = collect(store.watch('', revision, stop.signal), []);
  const closed = collect(store.watch('', revision, new AbortController().signal), []);
  await store.get('a');
  stop.abort();
  await aborted;
  await collect(store.watch('', revision, stop.signal), []);
  await store.close();
  await closed;
};

const closing: Check = async ({ store }) => {
  const written = store.txn([], [put('a')]);
  await store.close();
  await store.close();
  assert.equal((await written).committed, true, 'what was under way is finished');
  await assert.rejects(store.get('a'), fails('closed'));
  await assert.rejects(store.range(''), fails('closed'));
  await assert.rejects(store.txn([], [put('b')]), fails('closed'));
  const { signal } = new AbortController();
  await assert.rejects(collect(store.watch('', 0, signal), []), fails('closed'));
};

const reopening: Check = async (fixture) => {
  assert.ok(fixture.reopen, 'a store that keeps needs `reopen` in its fixture');
  await fixture.store.txn([], [put('a', '1'), put('b', '2')]);
  const { revision } = await fixture.store.txn([], [put('a', '3'), del('b')]);
  const before = await fixture.store.range('');
  await fixture.store.close();
  const store = await fixture.reopen();
  assert.deepEqual(await store.range(''), before);
  assert.ok((await store.txn([], [put('c')])).revision > revision, 'revisions go on');
  await forgetsOrShowsAll(store);
  await store.close();
};

/** What was changed before is either there to be seen, all of it, or said to be forgotten. */
async function forgetsOrShowsAll(store: KvStore): Promise<void> {
  const { signal } = new AbortController();
  const seen: KvChange[] = [];
  try {
    await collect(store.watch('', 0, signal), seen, 3);
  } catch (error) {
    assert.ok(fails('conflict')(error));
    return;
  }
  const all = [[put('a', '1'), put('b', '2')], [put('a', '3'), del('b')], [put('c')]];
  assert.deepEqual(
    seen.map(({ ops }) => ops),
    all,
  );
}

const CHECKS: Readonly<Record<string, Check>> = {
  'should give back what was put, with the revision that put it': readBack,
  'should change nothing when a condition does not hold': conditions,
  'should count only deletions of what is there': deletion,
  'should range over a prefix in the order of the UTF-8 bytes': ranges,
  'should refuse keys and values beyond the limits, and keep those at the limits': limits,
  'should let one of several writers win': races,
  'should show a watcher every change under its prefix, once, in order': watching,
  'should end a watch on abort and on close': watchEnds,
  'should finish what is under way and then refuse when closed': closing,
};

const KEEPS: Readonly<Record<string, Check>> = {
  'should be the same when opened again': reopening,
};

/** Gathers changes until there are `enough`, or the watch ends. */
async function collect(
  changes: AsyncIterable<KvChange>,
  seen: KvChange[],
  enough: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  for await (const change of changes) if (seen.push(change) >= enough) return;
}
