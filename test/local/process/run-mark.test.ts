/**
 * Programs whose starter was killed. A test cannot be killed itself, so it makes the marks of a
 * process that has ended, and lets programs inherit them as `runProcess` would.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { readdir, readlink, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { groupOf } from '../../../src/local/process/group.js';
import { removeStalePipes } from '../../../src/local/process/pipes.js';
import { endOrphans, MARK_FD } from '../../../src/local/process/run-mark.js';
import { runProcess } from '../../../src/local/process/run-process.js';
import { systemClock } from '../../../src/local/system-clock.js';
import { HandClock } from './hand-clock.js';
import { lineIn, lives, scratchDirectory, script } from './scratch.js';

const GRACE_MS = 5_000;
const ENV = { PATH: '/usr/bin:/bin' };

test('given scripts whose starter was killed, when it is swept, then they and their children are dead', async () => {
  const dir = await scratchDirectory();
  const { child, pid } = await orphan(dir, 'sh -c "sleep 1000 & echo \\$! > pid; wait"');
  await endOrphans(join(dir, 'marks'), systemClock());
  expect([lives(pid), child.signalCode]).toEqual([false, 'SIGTERM']);
  expect(await readdir(join(dir, 'marks'))).toEqual([]);
});

test('given a child without the mark, when it is swept, then it ends with its group', async () => {
  const dir = await scratchDirectory();
  const unmarked = `sh -c 'echo $$ > pid; exec sleep 1000' ${MARK_FD}<&- & wait`;
  const { pid } = await orphan(dir, unmarked, { first: '#!/bin/bash' });
  expect(await readdir(`/proc/${pid}/fd`)).not.toContain(String(MARK_FD));
  await endOrphans(join(dir, 'marks'), systemClock());
  expect(lives(pid)).toBe(false);
});

test('given a script that is deaf to SIGTERM, then it is killed after its grace', async () => {
  const dir = await scratchDirectory();
  const { child } = await orphan(dir, "trap '' TERM; echo $$ > pid; while :; do sleep 1; done");
  const clock = new HandClock();
  const swept = endOrphans(join(dir, 'marks'), clock);
  await clock.set(GRACE_MS);
  clock.pass(GRACE_MS);
  await swept;
  expect(child.signalCode).toBe('SIGKILL');
  expect(clock.pending).toBe(0);
});

test("given a program that is in its starter's group still, then it alone is killed", async () => {
  const dir = await scratchDirectory();
  const { child } = await orphan(dir, 'echo $$ > pid; exec sleep 1000', { detached: false });
  await endOrphans(join(dir, 'marks'), systemClock());
  expect(child.signalCode).toBe('SIGKILL');
});

test('given a starter that lives, when it is swept, then its scripts go on', async () => {
  const dir = await scratchDirectory();
  const marksDir = join(dir, 'marks');
  await script(join(dir, 'go'), 'echo $$ > pid; read line < fifo; echo "$line"');
  spawnSync('mkfifo', [join(dir, 'fifo')]);
  const running = runProcess({
    file: join(dir, 'go'),
    env: ENV,
    cwd: dir,
    clock: systemClock(),
    marksDir,
  });
  const pid = await lineIn(join(dir, 'pid'));
  const mark = await readlink(`/proc/${pid}/fd/${MARK_FD}`);
  // A path that leads there by another way finds the same marks.
  await symlink(marksDir, join(dir, 'link'));
  await endOrphans(join(dir, 'link'), systemClock());
  expect([await readdir(marksDir), lives(pid)]).toEqual([[mark.split('/').at(-1)], true]);
  spawnSync('sh', ['-c', 'echo on > fifo'], { cwd: dir });
  expect(await running).toMatchObject({ end: { kind: 'exited', code: 0 }, output: 'on\n' });
  expect(await readdir(marksDir)).toEqual([]);
});

test('given a mark that nobody has open, or somebody else’s file, then only the mark goes', async () => {
  const dir = await scratchDirectory();
  mkdtempSync(join(dir, `${deadPid()}.1.`));
  await script(join(dir, 'mine'), '');
  await endOrphans(dir, systemClock());
  expect(await readdir(dir)).toEqual(['mine']);
  await endOrphans(join(dir, 'missing'), systemClock());
});

test('given a directory that cannot hold marks, then the program is not started', async () => {
  const dir = await scratchDirectory();
  const file = await script(join(dir, 'go'), 'echo ran > ran');
  const result = await runProcess({
    file,
    env: ENV,
    cwd: dir,
    clock: systemClock(),
    marksDir: join(file, 'marks'),
  });
  const reason = `a run cannot be noted in '${file}/marks': it, or something on the way to it, is not`;
  expect(JSON.stringify(result.end)).toContain(`{"kind":"unstartable","reason":"${reason}`);
  expect(await readdir(dir)).toEqual(['go']);
});

test('given pipes of a process that was killed, then they are swept, and those of the living stay', async () => {
  const stale = mkdtempSync(join(tmpdir(), `logical-units-${deadPid()}-`));
  const fresh = mkdtempSync(join(tmpdir(), `logical-units-${process.pid}-`));
  onTestFinished(() => void spawnSync('rm', ['-rf', stale, fresh]));
  spawnSync('mkfifo', [join(stale, '0')]);
  await removeStalePipes();
  const left = (await readdir(tmpdir())).map((name) => join(tmpdir(), name));
  expect([left.includes(stale), left.includes(fresh)]).toEqual([false, true]);
});

/** A script that holds the mark of a process that has ended; runs once it has written `pid`. */
async function orphan(
  dir: string,
  body: string,
  { detached = true, first = '#!/bin/sh' } = {},
): Promise<{ child: ChildProcess; pid: string }> {
  const marks = join(dir, 'marks');
  spawnSync('mkdir', [marks]);
  const group = groupOf(readFileSync('/proc/self/stat', 'latin1'));
  const mark = openSync(mkdtempSync(join(marks, `${deadPid()}.${group}.`)), 'r');
  const file = await script(join(dir, 'orphan'), body, first);
  const between = Array.from({ length: MARK_FD - 3 }, () => 'ignore' as const);
  const stdio = ['ignore', 'ignore', 'ignore', ...between, mark] as const;
  const child = spawn(file, [], { cwd: dir, env: ENV, detached, stdio: [...stdio] });
  closeSync(mark);
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, pid: await lineIn(join(dir, 'pid')) };
}

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync('true').pid;
}
