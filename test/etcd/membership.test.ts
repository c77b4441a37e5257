/** Whether a process stops before others may take it for dead, on a driven clock. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { join, type LeaseClient } from '../../src/etcd/join-etcd.js';
import { ConfigError, isLockLost } from '../../src/errors.js';
import type { Membership } from '../../src/ports/membership.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

type Answer = number | Error;

/** Leases whose answers come when and as a test says. */
class Leases implements LeaseClient {
  readonly log: string[] = [];
  readonly clock: ManualClock;
  /** What becomes of the next signs of life: after how many milliseconds which answer. */
  readonly next: { readonly afterMs: number; readonly answer: Answer }[] = [];
  ttlSeconds = 15;
  putFails = false;
  /** How long the lease's grant takes. */
  grantMs = 0;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  async grantLease(ttlSeconds: number): Promise<{ id: string; ttlSeconds: number }> {
    this.log.push(`grant ${ttlSeconds}`);
    await this.#passing(this.grantMs);
    return { id: 'lease-1', ttlSeconds: this.ttlSeconds };
  }

  async keepLease(id: string): Promise<number> {
    this.log.push(`keep ${id} at ${this.clock.monotonic()}`);
    const { afterMs, answer } = this.next.shift() ?? { afterMs: 0, answer: this.ttlSeconds };
    await this.#passing(afterMs);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async revokeLease(id: string): Promise<void> {
    this.log.push(`revoke ${id}`);
  }

  async txn(...[, ops]: Parameters<LeaseClient['txn']>) {
    if (this.putFails) throw new ConfigError('no', 'io');
    for (const { op, key, lease } of ops) this.log.push(`${op} ${key} with ${lease}`);
    return { committed: true, revision: 1 };
  }

  #passing(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms === 0) resolve();
      else if (ms < Number.POSITIVE_INFINITY) this.clock.timer(ms, resolve);
    });
  }
}

interface World {
  readonly clock: ManualClock;
  readonly leases: Leases;
  join(ttlMs?: number): Promise<Membership>;
}

function world(): World {
  const clock = new ManualClock();
  const leases = new Leases(clock);
  const ids = new SeededIds(1);
  const joining = (ttlMs: number = 15_000) =>
    join({ client: leases, prefix: 'p/', clock, ids, ttlMs });
  return { clock, leases, join: joining };
}

const silence = { afterMs: Number.POSITIVE_INFINITY, answer: 0 };

test('should put its key with the lease, and say that it lives every third of the time', async () => {
  const { clock, leases, join: joinNow } = world();
  const { id, signal } = await joinNow();
  await clock.advance(60_000);
  expect(leases.log.slice(0, 4)).toEqual([
    'grant 15',
    `put p/members/${id} with lease-1`,
    'keep lease-1 at 5000',
    'keep lease-1 at 10000',
  ]);
  expect(signal.aborted).toBe(false);
});

test('given silence, should stop four fifths of the time after the last acknowledged sending', async () => {
  const { clock, leases, join: joinNow } = world();
  // The sign of life of 5,000 is acknowledged late; that of 10,000 never.
  leases.next.push({ afterMs: 4_000, answer: 15 }, silence);
  const { signal } = await joinNow();
  await clock.advance(16_999);
  expect(signal.aborted).toBe(false);
  await clock.advance(1);
  expect(signal.aborted).toBe(true);
  expect(isLockLost(signal.reason)).toBe(true);
  await clock.advance(60_000);
  expect(clock.timers).toBe(0);
});

test('given a slow grant, should count from when it was asked for', async () => {
  const { clock, leases, join: joinNow } = world();
  leases.grantMs = 3_000;
  leases.next.push(silence);
  const joining = joinNow();
  await clock.advance(3_000);
  const { signal } = await joining;
  await clock.advance(8_999);
  expect(signal.aborted).toBe(false);
  await clock.advance(1);
  expect(signal.aborted).toBe(true);
});

test('given an acknowledgement after the end, should not come back', async () => {
  const { clock, leases, join: joinNow } = world();
  leases.next.push({ afterMs: 7_500, answer: 15 });
  const { signal } = await joinNow();
  await clock.advance(12_000);
  expect(signal.aborted).toBe(true);
  await clock.advance(60_000);
  expect(signal.aborted).toBe(true);
  expect(leases.log.filter((line) => line.startsWith('keep'))).toHaveLength(1);
});

test('given a process that slept, should have stopped when it is asked, before any timer ran', async () => {
  const { clock, leases, join: joinNow } = world();
  leases.next.push(silence);
  const membership = await joinNow();
  // Time that passes while nothing runs: the clock is read, but fires nothing.
  const asleep = { ms: 0 };
  const monotonic = clock.monotonic.bind(clock);
  clock.monotonic = () => monotonic() + asleep.ms;
  expect(membership.signal.aborted).toBe(false);
  asleep.ms = 30_000;
  expect(membership.signal.aborted).toBe(true);
});

test('given a lease that is gone, should stop at once', async () => {
  const { clock, leases, join: joinNow } = world();
  leases.next.push({ afterMs: 0, answer: 0 });
  const { signal } = await joinNow();
  await clock.advance(5_000);
  expect(signal.aborted).toBe(true);
  expect(clock.timers).toBe(0);
});

test('given a connection that was closed, should stop at once', async () => {
  const { clock, leases, join: joinNow } = world();
  leases.next.push({ afterMs: 0, answer: new ConfigError('closed', 'closed') });
  const { signal } = await joinNow();
  await clock.advance(5_000);
  expect(signal.aborted).toBe(true);
});

test('leaving should fire the signal and give the lease back, once', async () => {
  const { clock, leases, join: joinNow } = world();
  const membership = await joinNow();
  await Promise.all([membership.leave(), membership.leave()]);
  expect(membership.signal.aborted).toBe(true);
  expect(leases.log.filter((line) => line === 'revoke lease-1')).toHaveLength(1);
  await clock.advance(60_000);
  expect(clock.timers).toBe(0);
});

test('given that joining fails, should give the lease back and leave nothing', async () => {
  const { clock, leases, join: joinNow } = world();
  leases.putFails = true;
  await expect(joinNow()).rejects.toMatchObject({ code: 'io' });
  expect(leases.log).toContain('revoke lease-1');
  expect(clock.timers).toBe(0);
});

test('given a lease that would be too short, should refuse', async () => {
  const { leases, join: joinNow } = world();
  await expect(joinNow(9_999)).rejects.toMatchObject({ kind: 'bug' });
  expect(leases.log).toEqual([]);
});

const beat = fc.record({
  afterMs: fc.oneof(fc.nat(20_000), fc.constant(Number.POSITIVE_INFINITY)),
  answer: fc.oneof<fc.Arbitrary<Answer>[]>(
    fc.constant(15),
    fc.constant(new ConfigError('io', 'io')),
  ),
});

test('whatever the network does, should stop before the server may forget the member', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(beat, { maxLength: 8 }), async (beats) => {
      const { clock, leases, join: joinNow } = world();
      leases.next.push(...beats, silence);
      const membership = await joinNow();
      let firedMs: number | undefined;
      membership.signal.addEventListener('abort', () => (firedMs = clock.monotonic()));
      // The server may have heard a sign of life as early as it was sent.
      const sent = (): number[] =>
        leases.log.flatMap((line) => /^keep .* at (.*)$/.exec(line)?.slice(1).map(Number) ?? []);
      await clock.advance(400_000);
      const acknowledged = sent().filter((_ms, n) => {
        const { afterMs, answer } = beats[n] ?? silence;
        return answer === 15 && afterMs < Number.POSITIVE_INFINITY;
      });
      const inTime = acknowledged.filter((ms) => ms < (firedMs ?? 0));
      const lastHeardMs = Math.max(0, ...inTime);
      expect(firedMs).toBeDefined();
      expect(firedMs).toBeLessThan(lastHeardMs + 15_000);
      expect(clock.timers).toBeLessThanOrEqual(1);
    }),
  );
});
