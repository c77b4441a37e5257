/**
 * Rules about who imports whom. They keep the rooms of the library apart, so that each can be read,
 * tested and replaced alone.
 */
import { isBuiltin } from 'node:module';
import type { Import, Project, Source, Violation } from './facts.js';
import {
  ADAPTER_PACKAGES,
  ALLOWED_IMPORTS,
  CORE_BUILTINS,
  CORE_PACKAGES,
  FORBIDDEN_IMPORTS,
  ROOM_BUILTINS,
  ROOMS_ON_THE_MACHINE,
} from './tables.js';

/** A room imports what its line in the table names, and nothing else. */
export function allowedImports({ sources }: Project): Violation[] {
  return eachImport(sources, (source, { target }) => {
    if (source.room === undefined || target === undefined) return undefined;
    const allowed = ALLOWED_IMPORTS[source.room];
    if (allowed === undefined) {
      return `'${source.room}' has no line in ALLOWED_IMPORTS (test/architecture/tables.ts): add one`;
    }
    const wanted = target.replace(/^src\//, '').replace(/\.ts$/, '');
    if ([source.room, ...allowed].some((name) => covers(name, wanted))) return undefined;
    const choice = allowed.length === 0 ? 'nothing' : allowed.join(', ');
    return `'${source.room}' may not import '${wanted}'; it may import ${choice}`;
  });
}

/** Rooms inside a room keep their order. */
export function forbiddenImports({ sources }: Project): Violation[] {
  return eachImport(sources, (source, { target }) => {
    const rule = FORBIDDEN_IMPORTS.find(
      ({ from, to }) =>
        source.path.startsWith(`src/${from}/`) && target?.startsWith(`src/${to}/`) === true,
    );
    if (rule === undefined) return undefined;
    return `'${rule.from}' may not import '${rule.to}': pass a value through the corridor instead`;
  });
}

/** Packages: the declared ones in the core, an adapter's own only in its folder. */
export function knownPackages({ sources }: Project): Violation[] {
  return eachImport(sources, (source, { specifier, target }) => {
    if (source.room === undefined || target !== undefined || isBuiltin(specifier)) return undefined;
    const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
    const own = ADAPTER_PACKAGES[source.room] ?? [];
    if (CORE_PACKAGES.includes(name) || own.includes(name)) return undefined;
    return `'${source.room}' may not import the package '${name}'; put it behind a port`;
  });
}

/** The tables of packages say what package.json says. */
export function declaredPackages({ manifest }: Project): Violation[] {
  const at = 'package.json:1';
  const violations: Violation[] = [];
  const declared = Object.keys(manifest.dependencies).sort().join(', ');
  const expected = [...CORE_PACKAGES].sort().join(', ');
  if (declared !== expected) {
    violations.push({ at, message: `dependencies are ${declared}; the core may have ${expected}` });
  }
  for (const name of Object.values(ADAPTER_PACKAGES).flat()) {
    const optional = manifest.peerDependenciesMeta[name]?.optional === true;
    if (name in manifest.peerDependencies && optional) continue;
    violations.push({ at, message: `'${name}' of an adapter must be an optional peer dependency` });
  }
  return violations;
}

/** The core meets the machine through its ports only. */
export function builtinsBehindPorts({ sources }: Project): Violation[] {
  return eachImport(sources, (source, { specifier }) => {
    if (source.room === undefined || !isBuiltin(specifier)) return undefined;
    if (!specifier.startsWith('node:')) return `write 'node:${specifier}' for '${specifier}'`;
    if (ROOMS_ON_THE_MACHINE.includes(source.room)) return undefined;
    const own = ROOM_BUILTINS[source.room] ?? [];
    if ([...CORE_BUILTINS, ...own].includes(specifier)) return undefined;
    return `the core may not import '${specifier}'; ask a port and do it in an adapter`;
  });
}

/** Relative imports name an existing file, with its extension. */
export function resolvableImports({ sources }: Project): Violation[] {
  return eachImport(sources, (_source, { specifier, target }) => {
    if (specifier === '(computed)') return 'a computed import cannot be checked; name the module';
    if (target === undefined) return undefined;
    if (!specifier.endsWith('.js')) return `write '${specifier}' with its file name, ending in .js`;
    return sources.has(target) ? undefined : `there is no file ${target}`;
  });
}

/** No cycles, those of types included: who reads one file shall not have to read a ring. */
export function noCycles({ sources }: Project): Violation[] {
  const done = new Set<string>();
  const violations: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const ring = [...trail.slice(start), path].join(' → ');
      violations.push({
        at: `${path}:1`,
        message: `imports itself: ${ring}; move what is shared down`,
      });
      return;
    }
    if (done.has(path)) return;
    for (const { target } of sources.get(path)?.imports ?? []) {
      if (target !== undefined) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return violations;
}

/** Every file in src/ is reached from an entry of package.json#exports. */
export function noDeadFiles({ sources, entries }: Project): Violation[] {
  const reached = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { target } of sources.get(path)?.imports ?? []) if (target) open.push(target);
  }
  return [...sources.values()]
    .filter(({ path, room }) => room !== undefined && !reached.has(path))
    .map(({ path }) => ({ at: `${path}:1`, message: 'no entry reaches it; use it or delete it' }));
}

/** The table itself has no cycle. */
export function orderlyTable(table: Readonly<Record<string, readonly string[]>>): Violation[] {
  const above = (room: string, seen: readonly string[]): boolean =>
    seen.includes(room) || (table[room] ?? []).some((name) => above(roomOf(name), [...seen, room]));
  return Object.keys(table)
    .filter((room) => above(room, []))
    .map((room) => ({ at: 'test/architecture/tables.ts:1', message: `'${room}' allows a cycle` }));
}

function roomOf(name: string): string {
  return name.split('/')[0] ?? name;
}

function covers(name: string, wanted: string): boolean {
  return wanted === name || wanted.startsWith(`${name}/`);
}

function eachImport(
  sources: Project['sources'],
  judge: (source: Source, imported: Import) => string | undefined,
): Violation[] {
  return [...sources.values()].flatMap((source) =>
    source.imports.flatMap((imported) => {
      const message = judge(source, imported);
      return message === undefined ? [] : [{ at: `${source.path}:${imported.line}`, message }];
    }),
  );
}
