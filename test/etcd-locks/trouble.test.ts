/**
 * Stores that do not answer, records that are damaged, and the end of a process's right to its
 * locks.
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { LockTimeout } from '../../src/errors.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import type { LockName } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { FakeMembership } from './fake-membership.js';
import { Office } from './office.js';

const A: LockName = 'node/a';
const P = ownerId('p');

test('an answer that was lost is looked up, and nothing is done twice', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  desk.kv.losing = 1;
  const attempt = await desk.take('p', [A]);
  expect(attempt.state).toBe('granted');
  expect(desk.kv.counts.txn).toBe(1);
  desk.kv.losing = 3;
  await desk.giveBack('p');
  await office.pass(10_000);
  expect(await office.keys()).toEqual([]);
  expect(office.clock.timers).toBe(0);
});

test('a wait has its limit even if the store does not answer', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  desk.kv.isUp = false;
  const late = await desk.take('p', [A], 'exclusive', { timeoutMs: 1000 });
  const stop = new AbortController();
  const aborted = await desk.take('q', [A], 'exclusive', { signal: stop.signal });
  stop.abort();
  await office.pass(1000);
  expect(late.error).toBeInstanceOf(LockTimeout);
  expect((late.error as LockTimeout).message).toContain('the store of the locks has not answered');
  expect(aborted.error).toMatchObject({ name: 'Cancelled' });
  expect(office.clock.timers).toBe(0);
});

test('what is granted to a request that has ended is given back', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  const stop = new AbortController();
  await two.take('q', ['instance/i']);
  const waits = await two.take('q', [A], 'exclusive', { signal: stop.signal });
  void one.manager.release(P, 'all');
  // The store grants it before anybody hears of the end.
  for (let turn = 0; turn < 3; turn++) await Promise.resolve();
  stop.abort();
  await office.pass();
  expect(waits.state).toBe('failed');
  expect(two.held('q')).toEqual(['exclusive instance/i']);
  expect((await one.take('r', [A])).state).toBe('granted');
});

test('a refusal to wait is about the state of the store, not about what was known', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  const free = one.manager.release(P, 'all');
  const attempt = await two.take('q', [A], 'exclusive', { timeoutMs: 0 });
  await free;
  expect(attempt.state).toBe('granted');
  const refused = await one.take('p', [A], 'exclusive', { timeoutMs: 0 });
  expect(refused.error).toMatchObject({ name: 'LockTimeout', blockers: [{ lock: A, owner: 'q' }] });
});

test('when the own time has run out, everything ends and nothing is written', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  await two.take('r', ['node/b']);
  const waits = await one.take('q', ['node/b']);
  const before = await office.keys();
  one.membership.stop();
  await office.pass();
  expect(waits.error).toMatchObject({ name: 'LockLost' });
  expect(one.manager.lost.reason).toMatchObject({ name: 'LockLost' });
  expect(one.held('p')).toEqual([]);
  expect(one.token('p'), 'what it writes is compared still').toBeGreaterThan(0);
  await one.giveBack('p');
  const late = await one.take('s', ['node/c']);
  expect(late.error).toBe(one.manager.lost.reason);
  expect(await office.keys()).toEqual(before);
});

test('a closed store ends everything', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  const other = await office.join('m2');
  await other.take('p', [A]);
  const waits = await desk.take('q', [A]);
  await office.store.close();
  await office.pass();
  expect(waits.error).toMatchObject({ name: 'LockLost', cause: { code: 'closed' } });
});

test('a damaged table ends everything, and the record is named', async () => {
  const office = new Office();
  const desk = await office.join('m1');
  await desk.take('p', [A]);
  await office.store.txn([], [{ op: 'put', key: 'locks/owner/x', value: '{"holds":1}' }]);
  await office.pass();
  const reason = desk.manager.lost.reason as Error;
  expect(reason).toMatchObject({ name: 'LockLost', cause: { code: 'corrupt' } });
  expect(String(reason.cause)).toContain('locks/owner/x');
  await expect(office.join('m2')).rejects.toMatchObject({ code: 'corrupt' });
});

test('closing writes what was given back first', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  const waits = await two.take('q', [A]);
  const ended = await one.take('r', [A]);
  void one.manager.release(P, 'all');
  await one.manager.close();
  await one.manager.close();
  await office.pass();
  expect([waits.state, ended.state]).toEqual(['granted', 'failed']);
  expect(one.manager.lost.aborted).toBe(true);
  expect(await office.keys()).toEqual(['locks/fence/q', 'locks/owner/q']);
});

test('who does not count as alive opens nothing', async () => {
  const kv = new MemoryKvStore();
  const clock = new ManualClock();
  const membership = await FakeMembership.join(kv, 'm1');
  const open = (options: object = {}): Promise<SharedLockManager> =>
    SharedLockManager.open({ kv, membership, clock, ...options });
  await expect(open({ agingMs: 0 })).rejects.toThrow('agingMs must be above 0');
  await expect(open({ maxTxnOps: 4 })).rejects.toThrow('maxTxnOps must be 16 or more');
  await membership.expire();
  await expect(open()).rejects.toThrow("The member 'm1' does not count as alive");
  membership.stop();
  await expect(open()).rejects.toMatchObject({ name: 'LockLost' });
});

test('requests that no store can keep, and owners of others, are refused', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await one.take('p', [A]);
  const foreign = await two.take('p', ['node/b']);
  expect(String(foreign.error)).toContain("'p' is an owner of another process");
  await two.giveBack('p');
  expect(one.held('p')).toEqual(['exclusive node/a']);
  const many = Array.from({ length: 9000 }, (_, at): LockName => `node/a-long-name-of-node-${at}`);
  expect(String((await two.take('q', many)).error)).toContain('ask for the whole level');
  expect((await two.take('\0', [A])).error).toMatchObject({ name: 'ProgrammerError' });
});

test('all processes explain the same, each by its own clock', async () => {
  const office = new Office();
  const [one, two] = [await office.join('m1'), await office.join('m2')];
  await office.pass(100);
  await one.take('p', [A], 'shared');
  await office.pass(50);
  await two.take('q', [A], 'shared');
  await two.take('r', [A, 'node/b'], 'exclusive', { priority: 3 });
  await office.pass(7);
  const report = one.manager.explain();
  expect(two.manager.explain()).toEqual(report);
  expect(report).toEqual({
    locks: [
      {
        name: A,
        mode: 'shared',
        owner: [
          { owner: 'p', sinceMs: 100 },
          { owner: 'q', sinceMs: 150 },
        ],
      },
    ],
    pending: [
      {
        owner: 'r',
        priority: 3,
        sinceMs: 150,
        wants: [
          { lock: A, mode: 'exclusive' },
          { lock: 'node/b', mode: 'exclusive' },
        ],
        blockers: [
          { lock: A, owner: 'q', sinceMs: 150 },
          { lock: A, owner: 'p', sinceMs: 100 },
        ],
      },
    ],
  });
});
