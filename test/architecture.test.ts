/**
 * The shape of the house, checked: the rules are data in architecture/tables.ts and functions in
 * architecture/*-rules.ts, and each of them is first shown to find its violation in a bad sample.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Manifest, makeProject, readProject, type Violation } from './architecture/facts.js';
import { orderlyTable } from './architecture/import-rules.js';
import { RULES } from './architecture/rules.js';
import { ALLOWED_IMPORTS, CORE_PACKAGES } from './architecture/tables.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const GOOD_MANIFEST: Manifest = {
  exports: { '.': { default: './dist/index.js' }, './package.json': './package.json' },
  dependencies: Object.fromEntries(CORE_PACKAGES.map((name) => [name, '1'])),
  peerDependencies: { lmdb: '1' },
  peerDependenciesMeta: { lmdb: { optional: true } },
};

describe('the sources keep this rule', () => {
  const project = readProject(ROOT);

  for (const { title, find } of RULES) {
    test(title, () => expect(find(project).map(inWords)).toEqual([]));
  }

  test('the table of imports allows no cycle', () => {
    expect(orderlyTable(ALLOWED_IMPORTS)).toEqual([]);
  });

  test('the lockfile names no registry, so that it works with any', () => {
    expect(readLock()).not.toContain('"resolved"');
  });

  test('the lockfile holds every package that a clean install asks for', () => {
    expect(missingPackages(JSON.parse(readLock()) as Lock)).toEqual([]);
  });
});

describe('a bad sample shows that this rule can fail', () => {
  for (const { title, find, bad, manifest } of RULES) {
    test(title, () => {
      const found = find(makeProject(bad.files, { ...GOOD_MANIFEST, ...manifest }));
      expect(found.map(inWords)).toHaveLength(bad.violations);
    });
  }

  test('a lockfile without an optional package of another platform', () => {
    const packages = {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { optionalDependencies: { 'b-darwin': '1', 'b-linux': '1' } },
      'node_modules/a/node_modules/b-linux': {},
    };
    expect(missingPackages({ packages })).toEqual(["b-darwin (for 'node_modules/a')"]);
  });

  test('a table with a ring', () => {
    const ring = { low: ['high/part'], middle: ['low'], high: ['middle'] };
    expect(orderlyTable(ring)).toHaveLength(3);
  });
});

function inWords({ at, message }: Violation): string {
  return `${at}: ${message}`;
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readLock(): string {
  return readFileSync(`${ROOT}package-lock.json`, 'utf8');
}

/** What `npm ci` would find missing: npm leaves out optional packages that it could not look up. */
function missingPackages({ packages }: Lock): string[] {
  const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !names.has(name))
      .map((name) => `${name} (for '${path}')`),
  );
}
