/** The machine's own facts, clock and randomness. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startupMemory } from '../../../src/local/hypervisors/startup-memory.js';
import { machineMemory } from '../../../src/local/node-facts/memory.js';
import { systemIds } from '../../../src/local/random-ids.js';
import { systemClock } from '../../../src/local/system-clock.js';
import { answered } from '../../../src/ports/reply.js';

const MIB = 1024 * 1024;

test('should read memory as the kernel states it, caches counted as available', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lu-facts-'));
  const path = join(dir, 'meminfo');
  await writeFile(
    path,
    'MemTotal:       16316412 kB\nMemFree:          200000 kB\nMemAvailable:    8158206 kB\n',
  );

  expect(await machineMemory(path)).toEqual({ totalMib: 15933, availableMib: 7966 });

  await rm(dir, { recursive: true });
});

test('given a system without such a file, then the platform is asked', async () => {
  const { totalMib, availableMib } = await machineMemory('/no/such/file');

  expect(totalMib).toBe(Math.floor(totalmem() / MIB));
  expect(availableMib).toBeGreaterThan(0);
});

test('should start with as much memory as may be had, and refuse below the least', () => {
  const wish = { maxMemMib: 512, minMemMib: 128 };

  expect(startupMemory('web1', wish, 1000)).toEqual(answered(512));
  expect(startupMemory('web1', wish, 300.7)).toEqual(answered(300));
  expect(startupMemory('web1', wish, 128)).toEqual(answered(128));
  expect(startupMemory('web1', wish, 127)).toMatchObject({ ok: false });
});

test('should fire a timer once, and not at all when it was cancelled', async () => {
  const clock = systemClock();
  const fired: string[] = [];
  const cancelled = clock.timer(0, () => fired.push('cancelled'));
  cancelled.cancel();
  cancelled.cancel();

  await new Promise<void>((resolve) => {
    clock.timer(-5, () => fired.push('first'));
    clock.timer(1, resolve);
  });

  expect(fired).toEqual(['first']);
});

test('should tell the time in milliseconds, and durations on a clock that does not jump', () => {
  const clock = systemClock();
  const from = clock.monotonic();

  expect(Math.abs(clock.now() - new Date().getTime())).toBeLessThan(1000);
  expect(clock.monotonic()).toBeGreaterThanOrEqual(from);
});

test('given a delay beyond what the platform can wait, then it does not fire at once', async () => {
  const clock = systemClock();
  const far = new Promise<string>((resolve) => {
    const timer = clock.timer(2 ** 40, () => resolve('far'));
    clock.timer(2, () => {
      timer.cancel();
      resolve('near');
    });
  });

  expect(await far).toBe('near');
});

test('should draw fresh identifiers in the forms that are asked for', () => {
  const ids = systemIds();

  expect(ids.uuid()).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(ids.uuid()).not.toBe(ids.uuid());
  expect(ids.hex(3)).toMatch(/^[0-9a-f]{6}$/);
  const draws = Array.from({ length: 200 }, () => ids.integer(3));
  expect(new Set(draws)).toEqual(new Set([0, 1, 2]));
});
