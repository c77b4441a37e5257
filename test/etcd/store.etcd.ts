/** What only a store across a network has: members that die, answers that are lost, limits. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEtcd } from '../../src/etcd/index.js';
import type { EtcdOptions } from '../../src/etcd/index.js';
import type { EtcdKvStore } from '../../src/etcd/etcd-kv-store.js';
import { systemClock } from '../../src/local/system-clock.js';
import { isOutcomeUnknown, type KvChange, type KvOp } from '../../src/ports/kv-store.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';
import { lasting, poll } from './rig/poll.js';

const put = (key: string, value: string = ''): KvOp => ({ op: 'put', key, value });

/** News of progress ten times a second, instead of every ten minutes. */
const PROGRESS = ['--experimental-watch-progress-notify-interval', '100ms'];

describe.runIf(HAS_ETCD)('a store on three members', () => {
  let cluster: Cluster;
  let prefixes = 0;

  beforeAll(async () => {
    cluster = await Cluster.start({ flags: PROGRESS });
  });
  afterAll(() => cluster.stop());

  const open = (options: Partial<EtcdOptions> = {}): Promise<EtcdKvStore> =>
    openEtcd({
      endpoints: cluster.endpoints,
      clock: systemClock(),
      prefix: `store/${++prefixes}/`,
      timeoutMs: 3_000,
      attemptMs: 400,
      ...options,
    });

  /** Gathers what a watch shows until it is told to stop. */
  function follow(store: KvStoreLike, after: number): Following {
    const seen: KvChange[] = [];
    const stop = new AbortController();
    const ended = (async () => {
      for await (const change of store.watch('', after, stop.signal)) seen.push(change);
    })();
    const end = (): Promise<void> => {
      stop.abort();
      return ended;
    };
    return { seen, ended, end };
  }

  test('given a first member that is not there, should use the others', async () => {
    const endpoints = ['http://127.0.0.1:1', ...cluster.endpoints];
    const store = await open({ endpoints });
    expect((await store.txn([], [put('a')])).committed).toBe(true);
    await store.close();
  });

  test('given nobody, should say whom it asked and why in vain, in the time it has', async () => {
    const startMs = performance.now();
    const endpoints = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
    const opening = open({ endpoints, timeoutMs: 500 });
    await expect(opening).rejects.toThrow(/127\.0\.0\.1:1: .*ECONNREFUSED.*127\.0\.0\.1:2: /);
    await expect(opening).rejects.toMatchObject({ name: 'ConfigError', code: 'io' });
    expect(performance.now() - startMs).toBeLessThan(1_500);
  });

  test('given options without sense, should say which', async () => {
    await expect(open({ endpoints: [] })).rejects.toThrow(/endpoint/);
    await expect(open({ endpoints: ['127.0.0.1:2379'] })).rejects.toThrow(/http/);
    await expect(open({ tls: {} })).rejects.toThrow(/https/);
    await expect(open({ timeoutMs: 0 })).rejects.toThrow(/timeoutMs/);
    const noSlash = openEtcd({ endpoints: ['http://a:1'], clock: systemClock(), prefix: 'a' });
    await expect(noSlash).rejects.toThrow(/slash/);
  });

  test('should keep to its prefix', async () => {
    const [one, other] = [await open(), await open()];
    const { revision } = await one.txn([], [put('a', 'one')]);
    const { end, seen } = follow(one, revision);
    await other.txn([], [put('a', 'other')]);
    await one.txn([], [put('b')]);
    expect((await one.range('')).entries.map(({ key, value }) => key + value)).toEqual([
      'aone',
      'b',
    ]);
    await poll('the change of ours', () => Promise.resolve(seen.length > 0));
    await end();
    expect(seen.map(({ ops }) => ops)).toEqual([[put('b')]]);
    await Promise.all([one.close(), other.close()]);
  });

  test('given more keys than a page, should read them all from one state', async () => {
    const store = await open();
    const all = Array.from({ length: 2_500 }, (_none, n) => put(`k/${10_000 + n}`, 'x'));
    const { revision } = await store.txn([], all);
    // Others write while the pages are read: each of their transactions moves one key.
    const stop = new AbortController();
    const writing = (async () => {
      for (let n = 0; !stop.signal.aborted; n++) {
        const [from, to] = n % 2 === 0 ? ['k/10000', 'k/99999'] : ['k/99999', 'k/10000'];
        await store.txn([], [{ op: 'delete', key: from }, put(to)]);
      }
    })();
    for (let n = 0; n < 10; n++) {
      const range = await store.range('k/');
      expect(range.entries).toHaveLength(2_500);
      expect(range.revision).toBeGreaterThanOrEqual(revision);
    }
    stop.abort();
    await writing;
    await store.close();
  });

  test('given large transactions, should carry them out as a whole, at one revision', async () => {
    const store = await open();
    const watched = follow(store, (await store.range('')).revision);
    const all = Array.from({ length: 4_096 }, (_none, n) => put(`k${10_000 + n}`));
    const { revision, committed } = await store.txn([{ key: 'k10000', revision: 0 }], all);
    expect(committed).toBe(true);
    await poll('all of it', () => Promise.resolve(watched.seen.length > 0));
    expect(watched.seen).toEqual([{ revision, ops: all }]);
    const again = await store.txn([{ key: 'k10000', revision: 0 }], all);
    expect(again.committed).toBe(false);
    const drop = all.map(({ key }): KvOp => ({ op: 'delete', key }));
    expect((await store.txn([], drop)).committed).toBe(true);
    expect((await store.range('')).entries).toEqual([]);
    await watched.end();
    await store.close();
  });

  test('given larger ones than etcd takes, should say which limit, and change nothing', async () => {
    const store = await open();
    const tooMany = Array.from({ length: 5_000 }, (_none, n) => put(`k${n}`));
    await expect(store.txn([], tooMany)).rejects.toThrow(/--max-txn-ops/);
    const conditions = Array.from({ length: 129 }, (_none, n) => ({ key: `k${n}`, revision: 0 }));
    await expect(store.txn(conditions, [put('a')])).rejects.toThrow(/--max-txn-ops/);
    for (const count of [2, 6]) {
      const tooLong = Array.from({ length: count }, (_none, n) =>
        put(`k${n}`, 'x'.repeat(2 ** 20)),
      );
      const failing = store.txn([], tooLong);
      await expect(failing).rejects.toThrow(/--max-request-bytes/);
      await expect(failing).rejects.toMatchObject({ code: 'io' });
      await expect(failing.catch(isOutcomeUnknown)).resolves.toBe(false);
    }
    expect((await store.range('')).entries).toEqual([]);
    await store.close();
  });

  test('given that the start of a watch is forgotten, should be a conflict', async () => {
    const store = await open();
    const { revision: first } = await store.txn([], [put('a', '1')]);
    await store.txn([], [put('a', '2')]);
    const { revision: last } = await store.txn([], [put('a', '3')]);
    await cluster.compact(last);
    const watched = follow(store, first);
    await expect(watched.ended).rejects.toMatchObject({ name: 'ConfigError', code: 'conflict' });
    const later = follow(store, last - 1);
    await poll('what is not forgotten', () => Promise.resolve(later.seen.length === 1));
    await later.end();
    await store.close();
  });

  test('given a quiet watch, should not be hit by a compaction when its connection is lost', async () => {
    const [store, busy] = [await open(), await open()];
    const { revision } = await store.txn([], [put('a', '1')]);
    const watched = follow(store, revision);
    await store.txn([], [put('a', '2')]);
    await poll('the watch', () => Promise.resolve(watched.seen.length === 1));
    for (let n = 0; n < 5; n++) await busy.txn([], [put('b', String(n))]);
    const { revision: latest } = await busy.range('');
    // Long enough for news of progress; the watch has had nothing else to see.
    await lasting(500);
    await cluster.compact(latest);
    for (const member of cluster.members) {
      await member.kill();
      member.start();
      await cluster.healthy();
    }
    await poll('a write', () => store.txn([], [put('a', '3')]).catch(() => false as const));
    await poll('the watch to go on', () => Promise.resolve(watched.seen.length >= 2));
    await watched.end();
    await Promise.all([store.close(), busy.close()]);
  });

  test('given a watcher that takes its time, should keep what comes, in order', async () => {
    const store = await open();
    const { revision } = await store.range('');
    const stop = new AbortController();
    const changes = store.watch('', revision, stop.signal)[Symbol.asyncIterator]();
    const first = changes.next();
    for (let n = 0; n < 30; n++) await store.txn([], [put('a', String(n).padStart(200_000))]);
    const seen = [(await first).value as KvChange];
    while (seen.length < 30) seen.push((await changes.next()).value as KvChange);
    const values = seen.map(({ ops: [op] }) => (op?.op === 'put' ? Number(op.value) : -1));
    expect(values).toEqual(Array.from({ length: 30 }, (_none, n) => n));
    stop.abort();
    expect(await changes.next()).toMatchObject({ done: true });
    await store.close();
  });

  test('given that each member is killed in turn, should show every change once, in order', async () => {
    const store = await open();
    const { revision } = await store.range('');
    const { end, seen } = follow(store, revision);
    const written: string[] = [];
    let stopped = false;
    const writing = (async () => {
      for (let n = 0; !stopped; n++) {
        const value = String(n);
        const result = await store.txn([], [put('a', value)]).catch((error: unknown) => error);
        if (result instanceof Error && !isOutcomeUnknown(result)) throw result;
        if (!(result instanceof Error)) written.push(value);
      }
    })();
    for (const member of cluster.members) {
      await member.kill();
      await lasting(200);
      member.start();
      await cluster.healthy();
    }
    stopped = true;
    await writing;
    const last = await store.get('a');
    await poll('the last change', () => Promise.resolve(seen.at(-1)?.revision === last?.revision));
    await end();
    const revisions = seen.map((change) => change.revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    const values = seen.flatMap(({ ops }) => ops.map((op) => (op.op === 'put' ? op.value : '')));
    expect(values.filter((value) => written.includes(value))).toEqual(written);
    expect(written.length).toBeGreaterThan(10);
    await store.close();
  });

  test('given a member that falls silent under a transaction, should say that nobody knows', async () => {
    const [endpoint = ''] = cluster.endpoints;
    const [member] = cluster.members;
    const store = await open({ endpoints: [endpoint], timeoutMs: 800, pingMs: 60_000 });
    await store.txn([], [put('a', 'before')]);
    await member?.pause();
    try {
      const failure = await store.txn([], [put('a', 'silent')]).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'ConfigError', code: 'io' });
      expect(isOutcomeUnknown(failure), String(failure)).toBe(true);
      expect(String(failure)).toContain(endpoint);
      // What is only read may be asked again, so the outcome is not unknown: nobody answers.
      const reading = await store.get('a').catch((error: unknown) => error);
      expect(reading).toMatchObject({ name: 'ConfigError', code: 'io' });
      expect(isOutcomeUnknown(reading)).toBe(false);
    } finally {
      member?.resume();
    }
    await cluster.healthy();
    expect(['before', 'silent']).toContain((await store.get('a'))?.value);
    await store.close();
  });

  test('given a member that falls silent, should go on with another one, watches too', async () => {
    const store = await open({ pingMs: 500 });
    const { revision } = await store.txn([], [put('a', '1')]);
    const { end, seen } = follow(store, revision);
    await store.txn([], [put('a', '2')]);
    await poll('the watch', () => Promise.resolve(seen.length === 1));
    const [member] = cluster.members;
    await member?.pause();
    try {
      expect((await store.get('a'))?.value).toBe('2');
      await poll('a transaction', () =>
        store.txn([], [put('a', '3')]).then(
          () => true,
          (error: unknown) => (isOutcomeUnknown(error) ? false : Promise.reject(error as Error)),
        ),
      );
      await poll('the watch on another member', () => Promise.resolve(seen.length >= 2));
    } finally {
      member?.resume();
    }
    await end();
    await cluster.healthy();
    await store.close();
  });

  test('given two members of three gone, should refuse, and recover when they are back', async () => {
    const store = await open({ timeoutMs: 1_000 });
    await store.txn([], [put('a', '1')]);
    const [, ...others] = cluster.members;
    for (const member of others) await member.kill();
    await expect(store.get('a')).rejects.toMatchObject({ name: 'ConfigError', code: 'io' });
    for (const member of others) member.start();
    await cluster.healthy();
    expect((await store.get('a'))?.value).toBe('1');
    await store.close();
  });
});

type KvStoreLike = Pick<EtcdKvStore, 'watch'>;

interface Following {
  readonly seen: readonly KvChange[];
  readonly ended: Promise<void>;
  end(): Promise<void>;
}
