/**
 * Scripts of the site that refuse, fail, hang, or talk without end: the real ones, in real processes.
 * Nothing waits for time to pass: limits stand on a clock that the test drives.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HandClock } from '../local/process/hand-clock.js';
import { lineIn, lives } from '../local/process/scratch.js';
import { openLab, refusal } from './lab.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const QUARTER_HOUR_MS = 15 * 60 * 1000;
const MIB = 1024 * 1024;
/** Writes to its disk, says so, and does not end. */
const HANGS = 'printf half 1<>"$DISK_0_PATH"; echo $$ > "${DISK_0_PATH%/disks/*}/pid"; sleep 1000';

test('given an OS script that fails, then its words are in the error and nothing is left', async () => {
  const lab = await openLab({ create: 'echo "no mirror answers" >&2; exit 7' });
  const error = await refusal(lab);
  expect(error.toJSON()).toMatchObject({ name: 'ExecError', leaked: [] });
  expect(error.message).toMatch(/Cannot install test\+plain on web1\.example\.com/);
  expect(error.message).toMatch(/script 'create' ended with exit code 7; its log is \S+\.log/);
  expect(error.message).toMatch(/no mirror answers$/);
});

test('given an OS script that hangs, when the caller gives up, then it is dead and nothing is left', async () => {
  const lab = await openLab({ create: HANGS });
  const before = await lab.state();
  const controller = new AbortController();
  const failed = refusedBy(lab.create({}, { signal: controller.signal }));
  const pid = await lineIn(join(lab.dir, 'pid'));
  controller.abort(new Error('enough'));
  const error = await failed;
  expect(error).toMatchObject({ name: 'Cancelled', kind: 'cancelled', leaked: [] });
  expect(lives(pid)).toBe(false);
  expect(await lab.state()).toEqual(withPidFile(before, pid));
});

test('given an OS script that hangs, when a day has passed, then it is dead and nothing is left', async () => {
  const clock = new HandClock();
  const lab = await openLab({ create: HANGS, clock });
  const before = await lab.state();
  const failed = refusedBy(lab.create());
  const pid = await lineIn(join(lab.dir, 'pid'));
  clock.pass(DAY_MS);
  const error = await failed;
  expect(error).toMatchObject({ name: 'ExecError', leaked: [] });
  expect((error as Error).message).toMatch(
    /the call's time was up; .* 'create' was stopped .*; its log is \S+\.log/,
  );
  expect([lives(pid), clock.pending]).toEqual([false, 0]);
  expect(await lab.state()).toEqual(withPidFile(before, pid));
});

test('given an OS script that prints without end, then its log is bounded and the work goes on', async () => {
  const lab = await openLab({ create: `yes 'all work and no play' | head -c ${80 * MIB}` });
  expect(await lab.create()).toEqual(['node1']);
  const [log = ''] = await lab.logs();
  const { size } = await stat(join(lab.dir, 'log', log));
  expect(size).toBeGreaterThanOrEqual(64 * MIB);
  expect(size).toBeLessThan(64 * MIB + 200);
});

test('given a hook that refuses, then its words are in the error and nothing was done', async () => {
  const create = 'touch "${DISK_0_PATH%/disks/*}/ran"';
  const hooks = {
    'instance-add-pre.d/10-quota': 'echo "$GANETI_INSTANCE_NAME is one too many"; exit 1',
    'instance-add-pre.d/20-other': 'exit 0',
  };
  const lab = await openLab({ create, hooks });
  const error = await refusal(lab);
  expect(error.toJSON()).toMatchObject({
    name: 'HooksAborted',
    failures: [{ node: 'node1', script: '10-quota', output: 'web1.example.com is one too many' }],
  });
  expect(error.message).toMatch(/before anything was changed \(10-quota on node1: web1/);
});

test('given a hook that hangs, when its time is up, then it is dead and nothing was done', async () => {
  const clock = new HandClock();
  const hang = 'echo $$ > "$GANETI_DATA_DIR/pid"; sleep 1000';
  const lab = await openLab({ hooks: { 'instance-add-pre.d/10-slow': hang }, clock });
  const before = await lab.state();
  const failed = refusedBy(lab.create());
  const pid = await lineIn(join(lab.dir, 'pid'));
  clock.pass(QUARTER_HOUR_MS);
  const error = await failed;
  expect(error).toMatchObject({ kind: 'hooks' });
  expect((error as Error).message).toMatch(/the call's time was up; Hook '\S+10-slow' was stopped/);
  expect(lives(pid)).toBe(false);
  expect(await lab.state()).toEqual(withPidFile(before, pid));
});

test('given a hook after the work that fails, then the instance stays', async () => {
  const lab = await openLab({ hooks: { 'instance-add-post.d/50-inventory': 'exit 1' } });
  expect(await lab.create()).toEqual(['node1']);
  const running = await readFile(join(lab.dir, 'run', 'web1.example.com'), 'utf8');
  expect(JSON.parse(running)).toEqual({ memoryMib: 128, vcpus: 1 });
});

/** What a run was refused with. */
function refusedBy(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => 'it was not refused',
    (reason: unknown) => reason,
  );
}

/** The state with the one file that the script has left, as the test wanted it to. */
function withPidFile(state: object, pid: string): object {
  const { files } = state as { readonly files: readonly string[] };
  return { ...state, files: [...files, `pid ${pid.length + 1}`].sort() };
}
