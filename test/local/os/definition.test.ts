/**
 * Which directories are OS definitions, and what they offer.
 */
import { chmod, mkdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOsDefinition } from '../../../src/local/os/definition.js';
import { parseOsName } from '../../../src/local/os/name.js';
import { OsDefinitions } from '../../../src/local/os/os-definitions.js';
import { HandClock } from '../process/hand-clock.js';
import { scratchDirectory } from '../process/scratch.js';
import { define, type Files, systems } from './definitions.js';

/** The problem of a definition, or the facts that matter if there is none. */
async function judged(changes: Files): Promise<string | object> {
  const verdict = await readOsDefinition(await define(await scratchDirectory(), 'sample', changes));
  if (!verdict.ok) return verdict.problem;
  const { apiVersion, variants, trusted } = verdict.os;
  return { apiVersion, variants, trusted };
}

const WITHOUT = (...names: string[]): Files =>
  Object.fromEntries(names.map((name) => [name, null]));

test('should read a complete definition', async () => {
  const path = await define(await scratchDirectory(), 'sample');
  expect(await readOsDefinition(path)).toEqual({
    ok: true,
    os: {
      name: 'sample',
      path,
      apiVersions: [20, 15, 10],
      apiVersion: 20,
      variants: ['alpha', 'beta'],
      parameters: [
        ['dhcp', 'Whether to use dhcp'],
        ['root_size', 'Size  in GiB'],
        ['my-param', ''],
      ],
      trusted: true,
    },
  });
});

test('should ask of each version the files that it needs, and no more', async () => {
  const all = ['ganeti_api_version', 'create', 'import', 'export', 'rename'];
  const v20 = [...all, 'verify', 'parameters.list'];
  for (const [version, needed] of [
    ['10', all],
    ['15', all],
    ['20', v20],
  ] as const) {
    const rest = ['verify', 'parameters.list', 'variants.list'].filter(
      (name) => !needed.includes(name),
    );
    const changes = { ganeti_api_version: `${version}\n`, ...WITHOUT(...rest) };
    const found = { apiVersion: Number(version), variants: [], trusted: true };
    expect(await judged(changes), version).toEqual(found);
    for (const name of needed) {
      expect(await judged({ ...changes, ...WITHOUT(name) }), `${version} ${name}`).toContain(name);
    }
  }
});

test('should know variants from version 15 on', async () => {
  expect(await judged({ ganeti_api_version: '10' })).toMatchObject({ variants: [] });
  expect(await judged({ ganeti_api_version: '15' })).toMatchObject({ variants: ['alpha', 'beta'] });
  expect(await judged({ 'variants.list': '\n# none\n' })).toMatchObject({ variants: [] });
});

test('should use the highest common version, and judge by the highest of its own', async () => {
  expect(await judged({ ganeti_api_version: '5\n10\n' })).toMatchObject({ apiVersion: 10 });
  expect(await judged({ ganeti_api_version: ' 15 \n10' })).toMatchObject({ apiVersion: 15 });
  expect(await judged({ ganeti_api_version: '99\n10' })).toMatchObject({ apiVersion: 10 });
  expect(await judged({ ganeti_api_version: '99\n10', verify: null })).toContain("'verify'");
  expect(await judged({ ganeti_api_version: '99' })).toMatch(
    /version 99; known here are 10, 15, 20/,
  );
  expect(await judged({ ganeti_api_version: '5' })).toContain('known here are');
  for (const text of ['', 'twenty', '20\n\n10', '0x14', '20.0']) {
    expect(await judged({ ganeti_api_version: text }), text).toContain('one whole number per line');
  }
});

test('should take either create script, and trust only the one for the node', async () => {
  expect(await judged({ create_untrusted: 'exit 0' })).toMatchObject({ trusted: true });
  expect(await judged({ create_untrusted: 'exit 0', create: null })).toMatchObject({
    trusted: false,
  });
  expect(await judged({ create: null })).toMatch(/neither 'create' nor 'create_untrusted'/);
});

test('should refuse scripts that are no executable files', async () => {
  const base = await scratchDirectory();
  const path = await define(base, 'sample');
  const problem = async (): Promise<string> => {
    const verdict = await readOsDefinition(path);
    return verdict.ok ? 'usable' : verdict.problem;
  };
  await chmod(join(path, 'rename'), 0o655);
  expect(await problem()).toMatch(/'rename' .* not executable by its owner/);
  await chmod(join(path, 'rename'), 0o100);
  expect(await problem()).toBe('usable');
  await unlink(join(path, 'export'));
  await mkdir(join(path, 'export'));
  expect(await problem()).toMatch(/'export' .* no regular file/);
  await define(base, 'other');
  await symlink(base, join(base, 'other', 'variants'));
  await unlink(join(base, 'other', 'create'));
  await symlink('import', join(base, 'other', 'create'));
  expect((await readOsDefinition(join(base, 'other'))).ok).toBe(true);
});

test('should refuse lists that are no text files of reasonable size', async () => {
  const huge = await judged({ 'parameters.list': 'x'.repeat(1024 * 1024 + 1) });
  expect(huge).toContain('exceeds 1 MiB');
  const path = await define(await scratchDirectory(), 'sample', WITHOUT('variants.list'));
  await mkdir(join(path, 'variants.list'));
  expect(await readOsDefinition(path)).toMatchObject({ ok: false });
});

test('should take names apart at the first plus sign', () => {
  expect(parseOsName('debian')).toEqual({ name: 'debian', variant: '' });
  expect(parseOsName('debian+minimal')).toEqual({ name: 'debian', variant: 'minimal' });
  expect(parseOsName('a+b+c')).toEqual({ name: 'a', variant: 'b+c' });
});

test('should find the first directory of the name, usable or not', async () => {
  const [first, second] = [await scratchDirectory(), await scratchDirectory()];
  await define(first, 'broken', { verify: null });
  await define(second, 'broken');
  await define(second, 'fine', { ganeti_api_version: '20\n5\n' });
  await writeFile(join(first, 'fine'), 'a file is no definition');
  const searchPath = [first, '/no/such/directory', second];
  const definitions = new OsDefinitions({ searchPath, logDir: first, clock: new HandClock() });
  expect(await definitions.findOs({ os: 'broken' })).toEqual({ ok: true, payload: undefined });
  expect(await definitions.findOs({ os: 'nowhere' })).toEqual({ ok: true, payload: undefined });
  for (const hostile of ['../fine', '.', '', 'fine/..', 'fine\0', 'f.e']) {
    expect(await definitions.findOs({ os: hostile })).toEqual({ ok: true, payload: undefined });
  }
  expect(await definitions.findOs({ os: 'fine' })).toMatchObject({
    payload: { name: 'fine', apiVersions: [20, 5], variants: ['alpha', 'beta'], trusted: true },
  });
  const diagnosis = await definitions.diagnose();
  expect(
    diagnosis.ok && diagnosis.payload.map(({ name, path, problem }) => [name, path, problem]),
  ).toEqual([
    ['broken', join(first, 'broken'), expect.stringContaining("'verify'")],
    ['broken', join(second, 'broken'), undefined],
    ['fine', join(second, 'fine'), undefined],
  ]);
});

test('should list what is hidden or wrongly named as Ganeti does', async () => {
  const { base, definitions } = await systems();
  await define(base, '.hidden');
  await define(base, 'debian.12');
  await symlink(await define(await scratchDirectory(), 'elsewhere'), join(base, 'linked'));
  const diagnosis = await definitions.diagnose();
  expect(diagnosis).toMatchObject({
    payload: [
      { name: 'debian.12', problem: expect.stringContaining('only letters, digits') as string },
      { name: 'linked', facts: { name: 'linked', trusted: true } },
    ],
  });
});
