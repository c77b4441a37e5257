/**
 * The names that the built package exports at run time, entry by entry, imported by the package's
 * own name as a reader would. Needs a build (`npm test` makes one).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface Target {
  readonly types: string;
  readonly default: string;
}

const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Target>>;
};

const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ name: manifest.name + subpath.slice(1), target }],
);

test('given the built package, when every entry is imported, then its names are the known ones', async () => {
  const names = entries.map(({ name }) => name);
  const print = `
    for (const name of ${JSON.stringify(names)}) {
      const keys = Object.keys(await import(name)).sort();
      console.log([name, ...keys.map((key) => '  ' + key)].join('\\n'));
    }`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', print], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  await expect(printed).toMatchFileSnapshot('../etc/exports.txt');
});

test.each(entries)('$name has its module, its types and its API report', ({ name, target }) => {
  const report = name === manifest.name ? name : name.slice(manifest.name.length + 1);
  const files = [target.default, target.types, `etc/${report.replaceAll('/', '-')}.api.md`];
  expect(files.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
});

test('only files that the build makes are exported', () => {
  const strange = entries.filter(
    ({ target }) =>
      !target.default.startsWith('./dist/') ||
      target.types !== target.default.replace(/\.js$/, '.d.ts') ||
      Object.keys(target)[0] !== 'types',
  );
  expect(strange).toEqual([]);
});
