/**
 * Allocator programs as children of this process: what they get, and that nothing of them stays.
 */
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProgramOutput } from '../../src/ganeti/allocator/program-allocator.js';
import { runLocally, type RunLocallyOptions } from '../../src/ganeti/allocator/run-locally.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { TestCluster } from '../../src/testing/test-cluster.js';
import {
  lineIn,
  lives,
  openDescriptors,
  scratchDirectory,
  script,
} from '../local/process/scratch.js';

/** A program called `mine`, and how to run it. */
async function program(body: string): Promise<{
  readonly clock: ManualClock;
  readonly directory: string;
  readonly run: (
    request?: string,
    signal?: AbortSignal,
    options?: Partial<RunLocallyOptions>,
  ) => Promise<ProgramOutput>;
}> {
  const directory = await scratchDirectory();
  await script(join(directory, 'mine'), body);
  const clock = new ManualClock();
  return {
    clock,
    directory,
    run: (request = '{}', signal = new AbortController().signal, options = {}) =>
      runLocally({ clock, directories: ['/nowhere', directory], ...options })(
        'mine',
        request,
        signal,
      ),
  };
}

function scratchFiles(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('logical-units-allocator-'));
}

describe('a program', () => {
  test('should get the request as a file that only its owner reads, and lose it again', async () => {
    const { run, directory, clock } = await program(
      `cat "$1"; stat -c %a "$1" >&2; echo "$1" > ${'$(dirname "$0")'}/where`,
    );
    const before = scratchFiles();
    const request = `{"text": "${'ü'.repeat(100_000)}"}`;
    expect(await run(request)).toEqual({ exitCode: 0, stdout: request, stderr: '600\n' });
    expect(readFileSync(join(directory, 'where'), 'utf8')).toMatch(/request\.json\n$/);
    expect(scratchFiles()).toEqual(before);
    expect(clock.timers).toBe(0);
  });

  test("should get the cluster's allocator parameters as options", async () => {
    const { run } = await program('shift; printf "%s\\n" "$@"');
    const allocatorParams = { quiet: null, verbose: true, silly: false, mond: 'yes', depth: 3 };
    const { config } = await TestCluster.open({ cluster: { allocatorParams } });
    const { stdout } = await run('{}', undefined, { config });
    expect(stdout.trim().split('\n').sort()).toEqual([
      '--depth=3',
      '--mond=yes',
      '--quiet',
      '--verbose',
    ]);
  });

  test('should see nothing else of this process', async () => {
    const { run } = await program('env | sort; pwd; cat');
    const { stdout } = await run();
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((line) => !/^(PWD|_|SHLVL|OLDPWD)=/.test(line)),
    ).toEqual(['LC_ALL=C', 'PATH=/sbin:/bin:/usr/sbin:/usr/bin', '/']);
  });

  test('should be free to fail: that is an answer', async () => {
    const { run } = await program('echo why >&2; exit 3');
    expect(await run()).toEqual({ exitCode: 3, stdout: '', stderr: 'why\n' });
  });
});

describe('what is refused', () => {
  const refused = (message: RegExp): object => ({
    name: 'PrereqError',
    code: 'environment_error',
    about: 'verdict',
    message: expect.stringMatching(message) as string,
  });

  test('should be a program that is not there, or may not run', async () => {
    const { run, directory } = await program('exit 0');
    const gone = runLocally({ clock: new ManualClock(), directories: [directory] });
    const signal = new AbortController().signal;
    await expect(gone('other', '{}', signal)).rejects.toMatchObject(
      refused(/Allocator other is not in .*; install it there/),
    );
    chmodSync(join(directory, 'mine'), 0o644);
    await expect(run()).rejects.toMatchObject(refused(/'.*mine' may not be executed/));
  });

  test('should be a program that does not start', async () => {
    const { run, directory } = await program('');
    await script(join(directory, 'mine'), '', '#!/nowhere/interpreter');
    await expect(run()).rejects.toMatchObject(refused(/cannot be started: .*ENOENT/));
  });

  test('should be a program that is killed', async () => {
    const { run } = await program('kill -SEGV $$');
    await expect(run()).rejects.toMatchObject(refused(/was ended by SIGSEGV/));
  });

  test('should be a program that prints without end', async () => {
    const { run, clock } = await program('yes');
    await expect(run()).rejects.toMatchObject(refused(/printed more than it may/));
    expect(clock.timers).toBe(0);
  });

  test('should be a program whose time is up, with all of its group', async () => {
    const { run, clock, directory } = await program(
      'sleep 1000 & echo $! > "$(dirname "$0")/child"; wait',
    );
    const work = run();
    const ended = expect(work).rejects.toMatchObject(refused(/did not end in time/));
    const child = await lineIn(join(directory, 'child'));
    await clock.advance(900_000);
    await ended;
    expect(lives(child)).toBe(false);
  });
});

test('a caller who gives up should get its own reason, before and during the run', async () => {
  const { run, clock, directory } = await program('echo $$ > "$(dirname "$0")/me"; sleep 1000');
  const reason = new Error('enough');
  await expect(run('{}', AbortSignal.abort(reason))).rejects.toBe(reason);
  const abort = new AbortController();
  const work = run('{}', abort.signal);
  const ended = expect(work).rejects.toBe(reason);
  const me = await lineIn(join(directory, 'me'));
  abort.abort(reason);
  await ended;
  expect(lives(me)).toBe(false);
  expect(clock.timers).toBe(0);
});

test('should leave no descriptor, and not wait for one that was taken along', async () => {
  const { run, clock } = await program('setsid sleep 1000 & echo $!');
  const before = await openDescriptors();
  const work = run();
  // It holds our pipes, outside of the group: once the program has ended, a second timer runs.
  while (clock.timers < 2) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(1000);
  const { stdout } = await work;
  process.kill(Number(stdout), 'SIGKILL');
  expect(await openDescriptors()).toBe(before);
});
