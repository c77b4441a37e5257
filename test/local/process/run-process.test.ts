/**
 * Running programs: how they end, what they see, what is kept of what they print.
 */
import { getEventListeners } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProcessRequest, ProcessResult } from '../../../src/local/process/process-request.js';
import { describeEnd, runProcess } from '../../../src/local/process/run-process.js';
import { HandClock } from './hand-clock.js';
import { openDescriptors, scratchDirectory, script } from './scratch.js';

type Extras = Partial<ProcessRequest>;

/** Runs a shell script with no environment. */
async function run(body: string, extras: Extras = {}): Promise<ProcessResult> {
  const file = await script(join(await scratchDirectory(), 'script'), body);
  return runProcess({ file, env: {}, cwd: '/', clock: new HandClock(), ...extras });
}

test('should keep output and errors in their order, /dev/stderr included', async () => {
  const { end, output, errors, lastLines } = await run(
    'echo one; echo two >&2; echo three > /dev/stderr; echo four > /dev/stdout',
  );
  expect(end).toEqual({ kind: 'exited', code: 0 });
  expect(output).toBe('one\ntwo\nthree\nfour\n');
  expect(errors).toBe('');
  expect(lastLines).toEqual(['one', 'two', 'three', 'four']);
});

test('should keep output and errors apart when asked to', async () => {
  const { output, errors } = await run('echo out; echo err >&2; echo more', { separate: true });
  expect(output).toBe('out\nmore\n');
  expect(errors).toBe('err\n');
});

test('should tell exit codes and signals apart', async () => {
  expect((await run('exit 3')).end).toEqual({ kind: 'exited', code: 3 });
  expect((await run('kill -SEGV $$')).end).toEqual({ kind: 'killed', signal: 'SIGSEGV' });
  expect(describeEnd({ kind: 'killed', signal: 'SIGSEGV' })).toBe('was ended by SIGSEGV');
});

test('given an environment, then the program sees it and nothing else', async () => {
  const file = '/usr/bin/env';
  const env = { B: 'two words', A: "quote ' and $HOME", EMPTY: '' };
  const { output } = await runProcess({ file, env, cwd: '/', clock: new HandClock() });
  expect(output.trimEnd().split('\n').sort()).toEqual([
    "A=quote ' and $HOME",
    'B=two words',
    'EMPTY=',
  ]);
});

test('should pass arguments and directory untouched', async () => {
  const cwd = await scratchDirectory();
  const args = ['$(id)', '--', 'a b', '', '\n'];
  const { output } = await run('pwd; for a in "$@"; do printf "[%s]" "$a"; done', { args, cwd });
  expect(output).toBe(`${cwd}\n[$(id)][--][a b][][\n]`);
});

test('should have nothing to read unless something is given', async () => {
  expect((await run('cat; echo end')).output).toBe('end\n');
  expect((await run('cat', { stdin: 'some text' })).output).toBe('some text');
  const ignored = await run('exit 0', { stdin: 'x'.repeat(4_000_000) });
  expect(ignored.end).toEqual({ kind: 'exited', code: 0 });
});

test('should say why a program cannot be started', async () => {
  const directory = await scratchDirectory();
  const clock = new HandClock();
  const reason = async (file: string, extras: Extras = {}): Promise<string> => {
    const { end } = await runProcess({ file, env: {}, cwd: '/', clock, ...extras });
    return end.kind === 'unstartable' ? end.reason : `no reason: ${end.kind}`;
  };
  const at = (name: string): string => join(directory, name);
  await writeFile(at('plain'), '#!/bin/sh\n', { mode: 0o644 });
  await script(at('no-bang'), 'echo runs by accident', '');
  await script(at('no-interpreter'), 'x', '#!/no/such/interpreter');
  await script(at('fine'), 'exit 0');
  expect(await reason(at('missing'))).toMatch(/missing'.*no such file/);
  expect(await reason('relative')).toMatch(/no absolute path/);
  expect(await reason(directory)).toMatch(/is not a file/);
  expect(await reason(at('plain'))).toMatch(/permission denied/);
  expect(await reason(at('no-bang'))).toMatch(/neither a program nor a script/);
  expect(await reason(at('no-interpreter'))).toMatch(/no such file/);
  expect(await reason(at('fine'), { cwd: at('nowhere') })).toMatch(/no such file/);
  expect(await reason(at('fine'), { env: { BIG: 'x'.repeat(200_000) } })).toMatch(/larger/);
  expect(clock.pending).toBe(0);
});

test('given a secret with a NUL character, then the reason does not quote it', async () => {
  const { end } = await run('exit 0', { env: { TOKEN: 'hunter2\0x' } });
  expect(end.kind).toBe('unstartable');
  expect(describeEnd(end)).toContain('TOKEN');
  expect(JSON.stringify(end)).not.toContain('hunter2');
  const wrongName = await run('exit 0', { env: { 'A=B': 'x' } });
  expect(describeEnd(wrongName.end)).toContain('"A=B" is no variable');
});

test('should write a log that only its owner can read', async () => {
  const logPath = join(await scratchDirectory(), 'run.log');
  const { output, lastLines } = await run('echo one; echo two >&2', { logPath });
  expect(await readFile(logPath, 'utf8')).toBe('one\ntwo\n');
  expect((await stat(logPath)).mode & 0o777).toBe(0o600);
  expect(output).toBe('');
  expect(lastLines).toEqual(['one', 'two']);
});

test('given a log that exists, then nothing is run and the log is not touched', async () => {
  const directory = await scratchDirectory();
  const logPath = join(directory, 'run.log');
  await writeFile(logPath, 'precious');
  const { end } = await run(`touch ${directory}/ran`, { logPath });
  expect(describeEnd(end)).toMatch(/cannot be started: it exists already/);
  expect(await readFile(logPath, 'utf8')).toBe('precious');
  await expect(stat(join(directory, 'ran'))).rejects.toThrow('ENOENT');
});

test('given 20 MB of output, then the log ends at its limit and the last lines are kept', async () => {
  const logPath = join(await scratchDirectory(), 'run.log');
  const body = 'yes "some line of text" | head -c 20000000; echo; echo the very end';
  const result = await run(body, { logPath, outputLimitBytes: 1_000_000 });
  const text = await readFile(logPath, 'utf8');
  expect(result.end).toEqual({ kind: 'exited', code: 0 });
  expect(text.length).toBeGreaterThanOrEqual(1_000_000);
  expect(text.length).toBeLessThan(1_000_200);
  expect(text).toMatch(/\n\[the limit of 1000000 bytes is reached; what follows was dropped\]\n$/);
  expect(result.droppedBytes).toBe(20_000_000 + '\nthe very end\n'.length - 1_000_000);
  expect(result.lastLines).toHaveLength(20);
  expect(result.lastLines.at(-1)).toBe('the very end');
});

test('given output without a log, then memory is bounded as well', async () => {
  const { output, droppedBytes } = await run('yes | head -c 5000000', { outputLimitBytes: 1000 });
  expect(output.length).toBeLessThan(1100);
  expect(output).toContain('the limit of 1000 bytes is reached');
  expect(droppedBytes).toBe(4_999_000);
});

test('given lines that are too long to keep, then none is shown without its beginning', async () => {
  const { lastLines } = await run('head -c 40000 /dev/zero | tr "\\0" x; echo; echo short');
  expect(lastLines).toEqual(['short']);
});

test('should leave neither descriptor nor timer nor listener behind', async () => {
  const clock = new HandClock();
  const controller = new AbortController();
  const { signal } = controller;
  const extras = { clock, signal, timeoutMs: 60_000 };
  await run('exit 0', extras);
  const before = await openDescriptors();
  const bodies = ['echo x', 'exit 1', 'echo y >&2', 'kill -9 $$', 'no-such-command'];
  await Promise.all(
    bodies.flatMap((body) => [run(body, extras), run(body, { ...extras, separate: true })]),
  );
  await runProcess({ file: '/no/such', env: {}, cwd: '/', ...extras });
  expect(await openDescriptors()).toBe(before);
  expect(clock.pending).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
