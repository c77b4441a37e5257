/**
 * Running OS scripts: what they see, where their output goes, and how they fail.
 */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reply } from '../../../src/ports/reply.js';
import { lineIn, lives } from '../process/scratch.js';
import { reasonOf } from '../storage/disks.js';
import { define, systems } from './definitions.js';
import { fixture, osParams, recordedRuntime, runtime } from './instances.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The log of a run that has to have one. */
async function logOf(reply: Reply<{ readonly logPath?: string }>): Promise<string> {
  if (!reply.ok || reply.payload.logPath === undefined) throw new Error(reasonOf(reply));
  return readFile(reply.payload.logPath, 'utf8');
}

test('should run create with the recorded environment, directory, and nothing to read', async () => {
  const { base, definitions } = await systems({ debugLevel: 1 });
  const path = await define(base, 'env20', { create: 'pwd; echo "$# arguments"; cat; env' });
  const reply = await definitions.installOs({ runtime: recordedRuntime(), reinstall: false });
  const [cwd, count, ...env] = (await logOf(reply)).trimEnd().split('\n');
  expect([cwd, count]).toEqual([path, '0 arguments']);
  const expected = fixture('create-environment.txt')
    .replace(/^PWD=.*$/m, `PWD=${path}`)
    .replace('NETWORK_TAGS=t2 t1', 'NETWORK_TAGS=t1 t2')
    .trimEnd();
  expect(env.sort().join('\n')).toBe(expected);
});

test('should name the log after what, for whom and when, for the owner only', async () => {
  const { base, logDir, definitions } = await systems();
  await define(base, 'sample', { create: 'echo installed; echo warning >&2' });
  const request = { runtime: runtime('sample+beta'), reinstall: false };
  const replies = [await definitions.installOs(request), await definitions.installOs(request)];
  const name = 'add-sample+beta-web1.example.com-2026-11-22_07_52_22';
  expect(replies).toEqual([
    { ok: true, payload: { logPath: join(logDir, `${name}.log`) } },
    { ok: true, payload: { logPath: join(logDir, `${name}-2.log`) } },
  ]);
  expect(await readFile(join(logDir, `${name}.log`), 'utf8')).toBe('installed\nwarning\n');
  expect((await stat(join(logDir, `${name}.log`))).mode & 0o777).toBe(0o600);
  expect((await stat(logDir)).mode & 0o777).toBe(0o700);
});

test('should tell scripts about reinstallation and old names', async () => {
  const { base, definitions } = await systems();
  const print = 'echo "[$INSTANCE_REINSTALL][$OLD_INSTANCE_NAME][$OS_VARIANT]"';
  await define(base, 'sample', { create: print, rename: print });
  const given = runtime('sample');
  const fresh = await definitions.installOs({ runtime: given, reinstall: false });
  expect(await logOf(fresh)).toBe('[][][alpha]\n');
  const again = await definitions.installOs({ runtime: given, reinstall: true });
  expect(await logOf(again)).toBe('[1][][alpha]\n');
  const renamed = await definitions.renameOs({ runtime: given, oldName: 'old.example.com' });
  expect(await logOf(renamed)).toBe('[][old.example.com][alpha]\n');
  expect(renamed).toMatchObject({
    payload: { logPath: expect.stringContaining('/rename-sample-') as string },
  });
});

test('given a script that fails, then the answer has its last 20 lines and its log', async () => {
  const { base, logDir, definitions } = await systems();
  await define(base, 'sample', { create: 'seq 1 30; echo "no mirror" >&2; exit 7' });
  const reply = await definitions.installOs({ runtime: runtime('sample+beta'), reinstall: false });
  const message = reasonOf(reply);
  expect(message).toMatch(
    /^failed: OS 'sample\+beta' cannot work on web1.example.com: script 'create' ended with exit code 7/,
  );
  expect(message).toContain(logDir);
  const lines = message.split('\n').slice(1);
  expect(lines).toEqual([...Array.from({ length: 19 }, (_, n) => String(n + 12)), 'no mirror']);
});

test('given a script that prints its secrets, then the answer does not', async () => {
  const { base, definitions } = await systems();
  await define(base, 'sample', { create: 'env; exit 1', verify: 'env; exit 1' });
  const params = osParams(
    { dhcp: 'yes' },
    { root_size: 'hunter2' },
    { 'my-param': 'hunter2-and-more' },
  );
  const given = runtime('sample+beta', { osParams: params });
  const install = await definitions.installOs({ runtime: given, reinstall: false });
  const request = { os: 'sample+beta', params, forceVariant: false };
  const verify = await definitions.validateOs(request);
  for (const message of [reasonOf(install), reasonOf(verify)]) {
    expect(message).not.toContain('hunter2');
  }
  expect(reasonOf(verify)).toContain('OSP_ROOT_SIZE=<redacted>');
  expect(reasonOf(verify)).toContain('OSP_MY_PARAM=<redacted>');
  expect(reasonOf(verify)).toContain('OSP_DHCP=yes');
});

test('given secrets of several lines and control characters, then no part gets through', async () => {
  const { base, definitions } = await systems();
  await define(base, 'sample', {
    create: `printf '%s\\n' "$OSP_DHCP"; printf 'a\\033[31mred\\n'; exit 1`,
  });
  const key = [
    '-----BEGIN KEY-----',
    ...Array.from({ length: 30 }, (_, n) => `line${n}of`),
    'x\ty-end',
  ];
  const given = runtime('sample+beta', { osParams: osParams({}, {}, { dhcp: key.join('\n') }) });
  const reply = await definitions.installOs({ runtime: given, reinstall: false });
  const lines = reasonOf(reply).split('\n').slice(1);
  expect(lines).toEqual([...Array<string>(19).fill('<redacted>'), 'a\\x1b[31mred']);
});

test('given a script that hangs, when a day has passed, then it and its children are dead', async () => {
  const { base, definitions, clock } = await systems();
  const path = await define(base, 'sample', {
    create: 'echo begun; sleep 1000 & echo $! > pid; wait',
  });
  const reply = definitions.installOs({ runtime: runtime('sample+beta'), reinstall: false });
  const pid = await lineIn(join(path, 'pid'));
  clock.pass(DAY_MS);
  expect(reasonOf(await reply)).toMatch(
    /^timeout: .*did not end in time and was stopped.*\nbegun$/s,
  );
  expect(lives(pid)).toBe(false);
  expect(clock.pending).toBe(0);
});

test('given a call with a time of its own or a signal, then these count', async () => {
  const { base, definitions, clock } = await systems();
  const path = await define(base, 'sample', {
    create: 'echo $$ > pid; sleep 1000',
    verify: 'sleep 1000',
  });
  const request = { runtime: runtime('sample+beta'), reinstall: false };
  const limited = definitions.installOs(request, { timeoutMs: 3_600_000 });
  await clock.set(3_600_000);
  clock.pass(3_600_000);
  expect(await limited).toMatchObject({ ok: false, failure: 'timeout' });
  const controller = new AbortController();
  const aborted = definitions.installOs(request, { signal: controller.signal });
  const pid = await lineIn(join(path, 'pid'));
  controller.abort();
  expect(await aborted).toMatchObject({ ok: false, failure: 'aborted' });
  expect(lives(pid)).toBe(false);
  const verify = { os: 'sample+beta', params: osParams(), forceVariant: false };
  expect(await definitions.validateOs(verify, { signal: AbortSignal.abort() })).toMatchObject({
    failure: 'aborted',
  });
});

test('given a script that prints without end, then its log is bounded', async () => {
  const { base, logDir, definitions } = await systems({ logLimitBytes: 1_000_000 });
  await define(base, 'sample', { create: 'yes "a line of noise" | head -c 30000000; exit 1' });
  const reply = await definitions.installOs({ runtime: runtime('sample+beta'), reinstall: false });
  expect(reasonOf(reply)).toMatch(/exit code 1.*\na line of noise/s);
  const [log] = await readdir(logDir);
  expect((await stat(join(logDir, log ?? ''))).size).toBeLessThan(1_000_200);
});

test('given an instance without OS, or one that cannot be used, then nothing runs', async () => {
  const { base, logDir, definitions } = await systems();
  await define(base, 'helper', { create: null, create_untrusted: 'exit 0' });
  await define(base, 'broken', { rename: null });
  await define(base, 'sample', { rename: 'exit 0' });
  const install = async (os: string | undefined, name = 'web1.example.com'): Promise<string> => {
    const given = runtime(os);
    const named = { ...given, instance: { ...given.instance, name } };
    return reasonOf(await definitions.installOs({ runtime: named, reinstall: false }));
  };
  expect(await install(undefined)).toMatch(/the instance has no OS/);
  expect(await install('nowhere')).toMatch(/there is no such definition below .*\/os/);
  expect(await install('../sample')).toMatch(/there is no such definition/);
  expect(await install('broken')).toMatch(/'rename' .* no such file/);
  expect(await install('helper')).toMatch(/only 'create_untrusted'.* not supported yet/);
  expect(await install('sample', '../../escape')).toMatch(/no log can be named after it/);
  expect(await install('sample+../../x')).toMatch(/no log can be named after it/);
  await expect(readdir(logDir)).rejects.toThrow('ENOENT');
  await writeFile(join(logDir, '..', '..', 'log'), 'a file where the logs should be');
  expect(await install('sample')).toMatch(/^failed: .*not a directory/);
});

test('should validate names, variants and parameters', async () => {
  const { base, definitions } = await systems();
  await define(base, 'sample');
  await define(base, 'plain', { 'variants.list': null, 'parameters.list': '' });
  await define(base, 'old', { ganeti_api_version: '15', 'variants.list': null, verify: 'exit 9' });
  await define(base, 'broken', { verify: null });
  const validate = async (
    os: string,
    names: string[] = [],
    forceVariant = false,
  ): Promise<string> => {
    const params = osParams(Object.fromEntries(names.map((name) => [name, 'x'])));
    const reply = await definitions.validateOs({ os, params, forceVariant });
    return reply.ok ? String(reply.payload) : reasonOf(reply);
  };
  expect(await validate('sample+beta', ['dhcp', 'my-param'])).toBe('true');
  expect(await validate('nowhere')).toBe('false');
  expect(await validate('../sample')).toBe('false');
  expect(await validate('broken')).toMatch(/OS 'broken' cannot be used: 'verify'/);
  expect(await validate('sample')).toMatch(/has variants; choose one of alpha, beta/);
  expect(await validate('sample', [], true)).toMatch(/has variants/);
  expect(await validate('sample+gamma')).toMatch(/no variant 'gamma'; choose one of alpha, beta/);
  expect(await validate('sample+gamma', [], true)).toBe('true');
  expect(await validate('plain+x')).toMatch(/has no variants; ask for it without '\+x'/);
  expect(await validate('plain+x', [], true)).toMatch(/has no variants/);
  expect(await validate('plain')).toBe('true');
  expect(await validate('plain', ['a', 'b'])).toMatch(/no parameter a, b; it has none/);
  expect(await validate('sample+beta', ['dhcp', 'x'])).toMatch(
    /no parameter x; it has dhcp, root_size/,
  );
  expect(await validate('old', ['whatever'])).toBe('true');
});

test('should hand verify the word parameters, and pass on what it says', async () => {
  const { base, definitions } = await systems();
  const path = await define(base, 'sample', {
    verify: 'echo "$# $1 $OSP_DHCP [$INSTANCE_NAME] $(pwd)"; test "$OSP_DHCP" = yes',
  });
  const validate = async (dhcp: string): Promise<Reply<boolean>> =>
    definitions.validateOs({ os: 'sample+beta', params: osParams({ dhcp }), forceVariant: false });
  expect(await validate('yes')).toEqual({ ok: true, payload: true });
  expect(reasonOf(await validate('no'))).toMatch(
    new RegExp(
      `does not accept the parameters: .*exit code 1; .*\n1 parameters no \\[\\] ${path}$`,
    ),
  );
});
