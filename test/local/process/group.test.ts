/**
 * Ending programs early: the whole group ends, children of children included, and whatever a
 * program leaves behind.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ProcessRequest, ProcessResult } from '../../../src/local/process/process-request.js';
import { runProcess } from '../../../src/local/process/run-process.js';
import { HandClock } from './hand-clock.js';
import { lineIn, lives, openDescriptors, scratchDirectory, script } from './scratch.js';

const LIMIT_MS = 60_000;
const GRACE_MS = 5_000;
const LINGER_MS = 1_000;

interface Started {
  readonly clock: HandClock;
  readonly result: Promise<ProcessResult>;
  /** The process of which the script has written the number into its file `pid`. */
  readonly pid: string;
}

/** Starts a script and waits until it has written `pid` in its directory. */
async function started(body: string, extras: Partial<ProcessRequest> = {}): Promise<Started> {
  const cwd = await scratchDirectory();
  const clock = new HandClock();
  const file = await script(join(cwd, 'script'), body);
  const result = runProcess({ file, env: { PATH: '/usr/bin:/bin' }, cwd, clock, ...extras });
  const pid = await lineIn(join(cwd, 'pid'));
  onTestFinished(() => {
    if (lives(pid)) process.kill(Number(pid), 'SIGKILL');
  });
  return { clock, result, pid };
}

/** A grandchild, deaf to nothing, of a leader that waits for it. */
const HANGING = 'sh -c "sleep 1000 & echo \\$! > pid; wait"; echo never';
/** A leader and a child that do not end when asked to. */
const STUBBORN = `trap '' TERM\nsh -c "trap '' TERM; echo \\$\\$ > pid; while :; do sleep 1; done"`;

test('given a hanging script, when its time is up, then its grandchild is dead, too', async () => {
  const { clock, result, pid } = await started(HANGING, { timeoutMs: LIMIT_MS });
  expect(lives(pid)).toBe(true);
  clock.pass(LIMIT_MS);
  expect((await result).end).toEqual({ kind: 'timeout' });
  expect(lives(pid)).toBe(false);
  expect(clock.pending).toBe(0);
});

test('given a hanging script, when the call is aborted, then its grandchild is dead', async () => {
  const controller = new AbortController();
  const { result, pid, clock } = await started(HANGING, { signal: controller.signal });
  controller.abort();
  expect((await result).end).toEqual({ kind: 'aborted' });
  expect(lives(pid)).toBe(false);
  expect(clock.pending).toBe(0);
});

test('given processes that ignore SIGTERM, then they are killed after the grace', async () => {
  const { clock, result, pid } = await started(STUBBORN, { timeoutMs: LIMIT_MS });
  clock.pass(LIMIT_MS);
  await clock.set(GRACE_MS);
  expect(lives(pid)).toBe(true);
  clock.pass(GRACE_MS);
  expect((await result).end).toEqual({ kind: 'timeout' });
  expect(lives(pid)).toBe(false);
  expect(clock.pending).toBe(0);
});

test('given a stopped process, when its time is up, then it ends without being killed', async () => {
  const { clock, result, pid } = await started('echo $$ > pid; kill -STOP $$', {
    timeoutMs: LIMIT_MS,
  });
  clock.pass(LIMIT_MS);
  expect((await result).end).toEqual({ kind: 'timeout' });
  expect(lives(pid)).toBe(false);
});

test('given a leader that dies while a child outlives it, then the child ends as well', async () => {
  const body = 'sleep 1000 < /dev/null > /dev/null 2>&1 & echo $! > pid; exit 0';
  const { clock, result, pid } = await started(body, { lingerMs: LINGER_MS });
  await clock.set(LINGER_MS);
  expect(lives(pid)).toBe(true);
  clock.pass(LINGER_MS);
  expect((await result).end).toEqual({ kind: 'exited', code: 0 });
  expect(lives(pid)).toBe(false);
});

test('given a child that ends soon after its leader, then all that it prints is kept', async () => {
  const children = '(cat hold; echo late) & (echo x > hold) &';
  const { result } = await started(`mkfifo hold; ${children} echo $! > pid; exit 4`);
  const { end, output } = await result;
  expect(end).toEqual({ kind: 'exited', code: 4 });
  expect(output).toBe('x\nlate\n');
});

test('given a daemon outside the group that holds the output open, then nobody waits', async () => {
  const before = await openDescriptors();
  const { result, pid } = await started('echo before; setsid sleep 1000 & echo $! > pid; exit 0');
  const { end, output } = await result;
  expect(end).toEqual({ kind: 'exited', code: 0 });
  expect(output).toBe('before\n');
  expect(lives(pid)).toBe(true);
  expect(await openDescriptors()).toBe(before);
});

test('given endless output, when the time is up, then it ends and the log is bounded', async () => {
  const clock = new HandClock();
  let seen = 0;
  const result = await runProcess({
    file: '/usr/bin/yes',
    env: {},
    cwd: '/',
    clock,
    timeoutMs: LIMIT_MS,
    outputLimitBytes: 1_000,
    onOutput: (chunk) => {
      seen += chunk.length;
      if (seen > 8_000_000) clock.pass(LIMIT_MS);
    },
  });
  expect(result.end).toEqual({ kind: 'timeout' });
  expect(result.output.length).toBeLessThan(1_100);
  expect(result.droppedBytes).toBeGreaterThan(7_000_000);
});

test('given a call that was aborted before, then nothing is started', async () => {
  const cwd = await scratchDirectory();
  const file = await script(join(cwd, 'script'), 'touch ran');
  const signal = AbortSignal.abort();
  const { end } = await runProcess({ file, env: {}, cwd, clock: new HandClock(), signal });
  expect(end).toEqual({ kind: 'aborted' });
  expect(await readdir(cwd)).toEqual(['script']);
});
