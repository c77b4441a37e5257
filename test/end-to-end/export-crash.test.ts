/**
 * A program that is killed in the middle of an export: the next run brings the guest back, takes
 * away copies and what has arrived, and leaves an older export as it was.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { lineIn, lives, script } from '../local/process/scratch.js';
import { makeSite, runExample, type Shot, type Site, translateExample } from './example.js';

const NAME = 'web1.example.com';

/** Sends a part of the disk, tells its number, and works on without noticing that nobody reads. */
const HANGS = `
site=\${EXPORT_DEVICE%/disks/*}
head -c 1000000 "$EXPORT_DEVICE"
echo $$ > "$site/new" && mv "$site/new" "$site/pid"
for turn in $(seq 3000); do sleep 0.01; done
`;

/** The moments of an export, by what is shown of them. */
const MOMENTS: readonly RegExp[] = [
  /Stopping web1/,
  /Copying disk 0/,
  /Starting web1\.\S+ again/,
  /Exporting the disks/,
  /waits for the data/,
  /Finishing the export/,
  /finalizeExport on/,
  /Removing the copies/,
];

beforeAll(translateExample);

test('given a run that is killed at any moment, then the next run leaves the guest running and one whole export', async () => {
  const site = await makeSite();
  expect(await runExample(site.args)).toMatchObject({ code: 0, stderr: '' });
  const exporting = [...site.args, '--export'];
  expect(await runExample(exporting)).toMatchObject({ code: 0, stderr: '' });
  const before = await site.remains();
  const sum = await sumsIn(join(site.dir, 'disks', NAME));
  for (const at of MOMENTS) {
    const killed = await runExample(exporting, { signal: 'SIGKILL', at });
    expect(killed.signal, `${at}`).toBe('SIGKILL');
    await recover(site);
    expect(await site.remains(), `${at}`).toEqual(before);
    expect(await sumsIn(join(site.dir, 'disks', NAME)), `${at}`).toEqual(sum);
    expect(await exportsOf(site), `${at}`).toEqual({ names: [NAME], dumps: sum });
  }
}, 120_000);

test('given a run that is killed while an export script works, then the next run ends that', async () => {
  const site = await makeSite();
  expect(await runExample(site.args)).toMatchObject({ code: 0, stderr: '' });
  const before = await site.remains();
  await script(join(site.dir, 'os/own/export'), HANGS);
  const shot: Shot = { signal: 'SIGKILL', at: { file: site.pid } };
  expect(await runExample([...site.args, '--export'], shot)).toMatchObject({ signal: 'SIGKILL' });
  const pid = await lineIn(site.pid);
  expect(lives(pid)).toBe(true);
  expect(await readdir(join(site.dir, 'exports'))).toEqual([`${NAME}.new`]);

  const { stdout } = await recover(site);

  expect(stdout).toMatch(/^recovered: OP_BACKUP_EXPORT, .*\(interrupted\)$/m);
  expect(lives(pid)).toBe(false);
  expect(await site.remains()).toEqual(before);
  expect(await readdir(join(site.dir, 'exports'))).toEqual([]);
}, 60_000);

async function recover(site: Site): Promise<{ readonly stdout: string }> {
  const ending = await runExample([...site.args, '--recover']);
  expect(ending).toMatchObject({ code: 0, stderr: '' });
  expect(ending.stdout).not.toMatch(/left:/);
  return ending;
}

/** What lies in the directory of exports, and the sums of its dumps. */
async function exportsOf({ dir }: Site): Promise<object> {
  const names = await readdir(join(dir, 'exports'));
  const files = await readdir(join(dir, 'exports', NAME));
  expect(files).toContain('config.ini');
  const dumps = await sumsIn(join(dir, 'exports', NAME), (file) => file !== 'config.ini');
  return { names, dumps };
}

/** SHA-256 of files, in the order of the sums. */
async function sumsIn(
  directory: string,
  isMeant: (file: string) => boolean = () => true,
): Promise<readonly string[]> {
  const files = (await readdir(directory)).filter(isMeant);
  const sums = files.map(async (file) => {
    const bytes = await readFile(join(directory, file));
    return createHash('sha256').update(bytes).digest('hex');
  });
  return (await Promise.all(sums)).sort();
}
