/**
 * Hook directories: which scripts run, what they see, and what is reported.
 */
import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { printable } from '../../../src/local/process/printable.js';
import {
  HookDirectories,
  type HookDirectoriesOptions,
  type HookRequest,
} from '../../../src/local/hook-dirs/hook-directories.js';
import type { HookScriptResult } from '../../../src/ports/hook-node.js';
import type { CallOptions } from '../../../src/ports/call.js';
import type { Reply } from '../../../src/ports/reply.js';
import { HandClock } from '../process/hand-clock.js';
import { lineIn, lives, openDescriptors, scratchDirectory, script } from '../process/scratch.js';
import { reasonOf } from '../storage/disks.js';

const QUARTER_HOUR_MS = 15 * 60 * 1000;
const PATH = '/sbin:/bin:/usr/sbin:/usr/bin';

interface Hooks {
  readonly clock: HandClock;
  /** The directory of `instance-add` before the work. */
  readonly directory: string;
  run(
    changes?: Partial<HookRequest>,
    call?: CallOptions,
  ): Promise<Reply<readonly HookScriptResult[]>>;
}

async function hooks(
  scripts: Readonly<Record<string, string>>,
  options: Partial<HookDirectoriesOptions> = {},
): Promise<Hooks> {
  const base = await scratchDirectory();
  const clock = new HandClock();
  const directory = join(base, 'instance-add-pre.d');
  await mkdir(directory);
  for (const [name, body] of Object.entries(scripts)) await script(join(directory, name), body);
  const directories = new HookDirectories({ base, clock, ...options });
  const usual: HookRequest = { path: 'instance-add', phase: 'pre', env: { PATH } };
  return {
    clock,
    directory,
    run: (changes, call) => directories.run({ ...usual, ...changes }, call),
  };
}

/** Each result in one line. */
function lines(reply: Reply<readonly HookScriptResult[]>): string[] {
  if (!reply.ok) return [reasonOf(reply)];
  return reply.payload.map(({ script: name, status, output }) =>
    `${name} ${status} ${output}`.trim(),
  );
}

test('should run what run-parts would run, in its order, and report the rest', async () => {
  const { directory, run } = await hooks({
    a: 'echo a',
    _: 'echo underscore',
    A: 'echo A',
    '9-b': 'echo nine',
    '10-a': 'echo ten',
    '50check.sh': 'echo never',
    'name~': 'echo never',
    '.hidden': 'echo never',
    noexec: 'echo never',
  });
  await chmod(join(directory, 'noexec'), 0o644);
  await mkdir(join(directory, 'directory'));
  await symlink('a', join(directory, 'link'));
  await symlink('missing', join(directory, 'dangling'));
  expect(lines(await run())).toEqual([
    '10-a ok ten',
    '50check.sh skipped',
    '9-b ok nine',
    'A ok A',
    '_ ok underscore',
    'a ok a',
    'dangling skipped',
    'directory skipped',
    'link ok a',
    'name~ skipped',
    'noexec skipped',
  ]);
});

test('should give scripts the given environment, the root directory and no input', async () => {
  const { run, directory } = await hooks({
    '10-look': 'pwd; cat; echo "$#"; tr "\\0" "\\n" < /proc/$$/environ',
  });
  const env = { PATH, GANETI_INSTANCE_NAME: 'web1', GANETI_EMPTY: '' };
  const [result] = lines(await run({ env }));
  expect(result?.split('\\n').slice(0, 2)).toEqual(['10-look ok /', '0']);
  expect(result?.split('\\n').slice(2).sort()).toEqual([
    'GANETI_EMPTY=',
    'GANETI_INSTANCE_NAME=web1',
    `PATH=${PATH}`,
  ]);
  expect(await readdir(directory)).toEqual(['10-look']);
});

test('should run the others after one failed, and tell why each failed', async () => {
  const { directory, run } = await hooks({
    '10-veto': 'echo "not on a Friday"; echo "said bob" >&2; exit 1',
    '20-fine': 'exit 0',
    '30-killed': 'echo half; kill -KILL $$',
  });
  await script(join(directory, '40-badinterp'), 'x', '#!/no/such/interpreter');
  await script(join(directory, '50-badformat'), 'echo runs by accident', '');
  const found = lines(await run());
  expect(found.slice(0, 3)).toEqual([
    '10-veto failed not on a Friday\\nsaid bob',
    '20-fine ok',
    '30-killed failed half (the script was ended by SIGKILL)',
  ]);
  expect(found[3]).toMatch(/^40-badinterp failed the script cannot be started: .*no such file/);
  expect(found[4]).toMatch(/^50-badformat failed the script cannot be started: .*begins with '#!'/);
});

test('should report output before errors, trimmed, on one line', async () => {
  const body = `echo; echo err >&2; printf 'a\\033[2Jb\\t\\302\\205c\\r\\n'; echo '  d ümlaut  '`;
  const { run } = await hooks({ x: body });
  expect(lines(await run())).toEqual(['x ok a\\x1b[2Jb\\t\\x85c\\r\\n  d ümlaut  \\nerr']);
  expect(printable(' \n\u202eevil\u2028\0 ')).toBe('\\u202eevil\\u2028\\x00');
});

test('given no directory or no script, then the list is empty and no process is started', async () => {
  const { directory, run } = await hooks({});
  await writeFile(join(directory, 'README.txt'), 'not a hook');
  let started = 0;
  const count = (): void => void (started += 1);
  subscribe('child_process', count);
  onTestFinished(() => void unsubscribe('child_process', count));
  expect(await run({ phase: 'post' })).toEqual({ ok: true, payload: [] });
  expect(await run({ path: 'no-such-path' })).toEqual({ ok: true, payload: [] });
  expect(lines(await run())).toEqual(['README.txt skipped']);
  expect(started).toBe(0);
  await script(join(directory, 'one'), 'exit 0');
  await run();
  expect(started).toBe(2);
});

test('should refuse paths that are none, and variables that cannot be', async () => {
  const { run } = await hooks({ one: 'exit 0' });
  for (const path of ['../x', '', 'a/b', 'a\0', 'instance-add-pre.d']) {
    expect(reasonOf(await run({ path })), path).toMatch(/^failed: Hooks .* cannot be run/);
  }
  expect(lines(await run({ env: { 'A=B': 'x' } }))).toEqual([
    'one failed the script cannot be started: "A=B" is no variable\'s name',
  ]);
});

test('given a hanging script, when the time is up, then it is killed with its children', async () => {
  const { clock, directory, run } = await hooks({ '10-fine': 'echo fine', '30-next': 'touch ran' });
  const pidFile = join(directory, '.pid');
  await script(join(directory, '20-hang'), `sleep 1000 & echo $! > ${pidFile}; wait`);
  const before = await openDescriptors();
  const reply = run();
  const pid = await lineIn(pidFile);
  clock.pass(QUARTER_HOUR_MS);
  expect(reasonOf(await reply)).toMatch(/^timeout: Hook '.*20-hang' did not end in time/);
  expect(lives(pid)).toBe(false);
  expect(clock.pending).toBe(0);
  expect(await openDescriptors()).toBe(before);
});

test('given a refusal before another script hangs, then the refusal is the answer', async () => {
  const { clock, directory, run } = await hooks({ '10-veto': 'echo no; exit 1' });
  await script(join(directory, '20-hang'), `echo $$ > ${join(directory, '.pid')}; sleep 1000`);
  const reply = run();
  await lineIn(join(directory, '.pid'));
  clock.pass(QUARTER_HOUR_MS);
  expect(lines(await reply)).toEqual([
    '10-veto failed no',
    '20-hang failed the script did not end in time and was stopped',
  ]);
});

test('should share one time limit among all scripts, and let a call shorten it', async () => {
  const { clock, directory, run } = await hooks({ '20-hang': 'sleep 1000' });
  const [pidFile, gate] = [join(directory, '.pid'), join(directory, '.gate')];
  spawnSync('mkfifo', [gate]);
  await script(join(directory, '10-slow'), `echo $$ > ${pidFile}; read go < ${gate}`);
  const reply = run({}, { timeoutMs: 60_000 });
  await lineIn(pidFile);
  clock.pass(20_000);
  await writeFile(gate, 'go\n');
  await clock.set(40_000);
  clock.pass(40_000);
  expect(reasonOf(await reply)).toMatch(/^timeout: Hook '.*20-hang'/);
});

test('given an abort, then the running script ends, and no other is started', async () => {
  const { directory, run } = await hooks({});
  const pidFile = join(directory, '.pid');
  await script(join(directory, '10-hang'), `echo $$ > ${pidFile}; sleep 1000`);
  await script(join(directory, '20-next'), `touch ${join(directory, 'ran')}`);
  const controller = new AbortController();
  const reply = run({}, { signal: controller.signal });
  const pid = await lineIn(pidFile);
  controller.abort();
  expect(reasonOf(await reply)).toMatch(/^aborted: Hook '.*10-hang'/);
  expect(lives(pid)).toBe(false);
  expect((await readdir(directory)).sort()).toEqual(['.pid', '10-hang', '20-next']);
});

test('given a script that prints without end, then its output is bounded', async () => {
  const { run } = await hooks({ noise: 'yes | head -c 3000000' }, { outputLimitBytes: 100 });
  const [line] = lines(await run());
  expect(line?.length).toBeLessThan(300);
  expect(line).toContain('the limit of 100 bytes is reached');
});

test('should run many scripts without leaving anything open', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `hook-${String(n).padStart(2, '0')}`);
  const { clock, run } = await hooks(
    Object.fromEntries(names.map((name) => [name, 'echo $0 >&2'])),
  );
  await run();
  const before = await openDescriptors();
  const reply = await run();
  expect(reply.ok && reply.payload.map(({ script: name }) => name)).toEqual(names);
  expect(
    reply.ok && reply.payload.every(({ status, output }) => status === 'ok' && output !== ''),
  ).toBe(true);
  expect(await openDescriptors()).toBe(before);
  expect(clock.pending).toBe(0);
});
