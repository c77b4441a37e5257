/**
 * What ARCHITECTURE.md and CONTRIBUTING.md point at is there: files, folders, tests, and the cases
 * of the vectors. Links and commands are the README test's matter.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readVectors } from './conformance/vectors/read.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PLACES = ['src', 'test', 'scripts', 'docs', 'etc', 'examples', 'bench'];
const PAPERS = ['ARCHITECTURE.md', 'CONTRIBUTING.md'];

/** How many points of Ganeti's are easily got wrong; each has its row. */
const POINTS = 34;

const known = pathsOf();

describe.each(PAPERS)('given %s', (paper) => {
  const text = readFileSync(join(ROOT, paper), 'utf8');

  test('every file and folder that it names exists', () => {
    const named = namedIn(text);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });
});

describe('given the tables of behaviour', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = rowsOf(text);

  test('each numbered point has one row', () => {
    const numbers = rows.map(([first]) => Number(first)).filter((number) => number > 0);
    expect(numbers).toEqual(Array.from({ length: POINTS }, (_, at) => at + 1));
  });

  test('each row of a point names a test', () => {
    const untested = rows
      .filter(([first]) => Number(first) > 0)
      .filter((row) => !/vectors|`test\//.test(row.at(-1) ?? ''));
    expect(untested).toEqual([]);
  });

  test('each case that it names is one of the vectors, or the beginning of some', () => {
    const ids = caseIds();
    const named = casesIn(text);
    expect(named.length).toBeGreaterThan(POINTS);
    expect(named.filter((name) => !ids.some((id) => id.startsWith(name)))).toEqual([]);
  });
});

test('a bad sample shows that each of these can fail', () => {
  const sample =
    'see `nowhere.ts`, `src/errors.ts`, `lands/`, `errors.ts` (vectors (`sc-no`, `fz-`))';
  expect(namedIn(sample).filter((name) => !isThere(name))).toEqual(['nowhere.ts', 'lands/']);
  expect(casesIn(sample)).toEqual(['sc-no', 'fz-']);
  expect(caseIds().some((id) => id.startsWith('sc-no-such-case'))).toBe(false);
  expect(rowsOf('| 7 | a | `x` |\n| --- | --- |\ntext')).toEqual([['7', 'a', '`x`']]);
});

/** Files and folders (with `/` at the end) in backticks, but for patterns and other projects' own. */
function namedIn(text: string): readonly string[] {
  return [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*(?:\.(?:ts|mjs|md|txt)|\/))`/g)].map(
    ([, name]) => name ?? '',
  );
}

/** Whole from the root of the project, or the end of a path: papers leave out what is clear. */
function isThere(name: string): boolean {
  return known.some((path) => path === name || path.endsWith(`/${name}`));
}

function casesIn(text: string): readonly string[] {
  return [...text.matchAll(/vectors \(([^)]*)\)/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
}

/** The rows of all tables, as cells. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function caseIds(): readonly string[] {
  const { scenarios, unittest, fuzz, wire } = readVectors();
  const runs = [...scenarios, ...unittest, ...fuzz].map(({ id }) => id);
  return [...runs, ...wire.map(({ vector }) => `wire-${vector}`)];
}

function pathsOf(): readonly string[] {
  const below = PLACES.flatMap((place) =>
    readdirSync(join(ROOT, place), { withFileTypes: true, recursive: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name).slice(ROOT.length);
      return entry.isDirectory() ? `${path}/` : path;
    }),
  );
  // The build makes one more.
  return ['dist/', ...below, ...readdirSync(ROOT), ...PLACES.map((place) => `${place}/`)];
}
