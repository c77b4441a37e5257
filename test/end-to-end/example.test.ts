/**
 * The main example from outside: what it says to bad input, and what is left when it is interrupted
 * or killed in the middle of its work.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readOptions } from '../../examples/start/options.js';
import { readOp } from '../../examples/start/read-op.js';
import { lineIn, lives, scratchDirectory } from '../local/process/scratch.js';
import { makeSite, runExample, type Site, translateExample } from './example.js';

/** Tells its number, works on its disk for long, and would make it anew. */
const HANGS = `
site=\${DISK_0_PATH%/disks/*}
echo $$ > "$site/new" && mv "$site/new" "$site/pid"
for turn in $(seq 3000); do printf x 1<>"$DISK_0_PATH"; sleep 0.01; done
`;

beforeAll(translateExample);

const MALFORMED: readonly (readonly [text: string, says: RegExp])[] = [
  ['{ "opcode": ', / is not JSON: /],
  ['', / is not JSON: /],
  ['[]', /: the opcode must be one JSON object/],
  ['"OP_INSTANCE_CREATE"', /: the opcode must be one JSON object/],
  ['{ "instanceName": "web1" }', /: the field "opcode" is missing; say which operation/],
];

test.each(MALFORMED)(
  'given %j as an opcode file, then file and problem are named',
  async (text, says) => {
    const file = join(await scratchDirectory(), 'op.json');
    await writeFile(file, text);
    const read = readOp(file);
    await expect(read).rejects.toMatchObject({ name: 'PrereqError', code: 'wrong_input' });
    await expect(read).rejects.toThrow(file);
    await expect(read).rejects.toThrow(says);
  },
);

test('given no opcode file, then it is named', async () => {
  const read = readOp('/nowhere/op.json');
  await expect(read).rejects.toMatchObject({ code: 'environment_error' });
  await expect(read).rejects.toThrow(/Cannot read the opcode file: .*'\/nowhere\/op\.json'/);
});

test.each([
  [['--colour'], /--colour/],
  [['--dry-run', '--remove'], /--dry-run and --remove exclude each other/],
  [['a.json', 'b.json'], /one opcode file, not 2/],
  [['--hypervisor', 'xen'], /auto, fake or kvm, not 'xen'/],
])('given the arguments %j, then they are refused', (args, says) => {
  expect(() => readOptions(args)).toThrow(says);
});

test('given a malformed opcode file, when it is run, then it says so and makes nothing', async () => {
  const dir = await scratchDirectory();
  await writeFile(join(dir, 'op.json'), '{ "opcode": OP }');
  const site = join(dir, 'site');
  const { code, stderr } = await runExample([join(dir, 'op.json'), '--dir', site]);
  expect([code, existsSync(site)]).toEqual([1, false]);
  expect(stderr).toContain(`PrereqError (wrong_input): ${dir}/op.json is not JSON`);
});

describe('given somebody who presses Ctrl-C', () => {
  test('in the middle of the OS script, then it is dead and nothing is left', async () => {
    const site = await makeSite({ create: HANGS });
    const shot = { signal: 'SIGINT', at: { file: site.pid } } as const;
    const { code, stdout, stderr } = await runExample(site.args, shot);
    expect(lives(await lineIn(site.pid))).toBe(false);
    expect([code, await site.remains()]).toEqual([1, []]);
    expect(stdout).toMatch(/undone: instance web1.*, and its disks/);
    expect(stderr).toMatch(/^Cancelled: /m);
    expect(stderr).not.toContain('left behind');
  });

  test('in the middle of wiping a disk, then wiping ends and nothing is left', async () => {
    const site = await makeSite({ size: '1g' });
    const shot = { signal: 'SIGINT', at: /Wiping disk 0 \(1024 MiB\)/ } as const;
    const { code, stdout, stderr } = await runExample(site.args, shot);
    expect([code, await site.remains()]).toEqual([1, []]);
    expect(stdout).not.toContain('100 %');
    expect(stderr).toMatch(/^Cancelled: /m);
  });
});

describe('given a run that is killed', () => {
  test.each([
    ['disk creation', /Making disk 0/],
    ['the commit', /to the configuration$/],
    ['wiping', /Wiping disk 0 \(16 MiB\)/],
  ])('in the middle of %s, then the next run takes it back and succeeds', async (_, at) => {
    const site = await makeSite();
    const killed = await runExample(site.args, { signal: 'SIGKILL', at });
    expect(killed.signal).toBe('SIGKILL');
    await nextRunSucceeds(site);
  });

  test('in the middle of the OS script, then the next run ends it and takes all back', async () => {
    const site = await makeSite({ create: HANGS });
    const killed = await runExample(site.args, { signal: 'SIGKILL', at: { file: site.pid } });
    const pid = await lineIn(site.pid);
    expect([killed.signal, lives(pid)]).toEqual(['SIGKILL', true]);
    await writeFile(join(site.dir, 'os/own/create'), '#!/bin/sh\n');
    await nextRunSucceeds(site);
    expect(lives(pid)).toBe(false);
  });
});

/** The next run recovers, then makes the instance; nothing else is there. */
async function nextRunSucceeds(site: Site): Promise<void> {
  const next = await runExample(site.args);
  expect(next).toMatchObject({ code: 0, stderr: '' });
  expect(next.stdout).toMatch(/^recovered: OP_INSTANCE_CREATE, instance web1.*\(interrupted\)$/m);
  expect(next.stdout).toMatch(/^This was done:$/m);
  expect((await site.remains()).map((path) => path.replace(/[0-9a-f-]{36}/, '#'))).toEqual([
    'disks/web1.example.com',
    'disks/web1.example.com/#.file.disk0',
    'run/fake/web1.example.com',
  ]);
}
