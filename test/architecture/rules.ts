/**
 * All rules, each with a sample that breaks it: a rule which finds nothing in its bad sample is
 * worth nothing, and the test says so.
 */
import * as code from './code-rules.js';
import type { Manifest, Project, Violation } from './facts.js';
import * as imports from './import-rules.js';
import * as size from './size-rules.js';
import { LIMITS } from './tables.js';

/** One rule of the house. */
export interface Rule {
  /** Reads as the end of "the sources keep this rule:". */
  readonly title: string;
  readonly find: (project: Project) => Violation[];
  /** Files that break the rule, and the number of places in which they do. */
  readonly bad: { readonly files: Record<string, string>; readonly violations: number };
  /** Changes to a good package.json that belong to the bad sample. */
  readonly manifest?: Partial<Manifest>;
}

const UNIT = `
class Base extends LogicalUnit<P> { readonly name = 'a'; count = 0; }
class Sub extends Base {
  checkPrereq(): void { this.plan = 1; this.count++; [this.a] = [1]; log[this.name] = 1; }
  exec(): void { delete this.table['x']; this.kept === 1; }
}`;

const CHANCE = `
const a = Date.now(); const b = new Date(); const c = new Date(5); const d = Date.parse('x');
setTimeout(f, 1); Math.random(); crypto.randomUUID(); performance.now(); AbortSignal.timeout(5);
// Date.now() in a comment is none.
const e: Date = c;`;

const DOOR = "export const x = 1;\nimport './errors.js';\nexport { y } from './errors.js';\n";

export const RULES: readonly Rule[] = [
  {
    title: 'a room imports what the table allows',
    find: imports.allowedImports,
    bad: {
      files: {
        'src/locks/manager.ts': "import type { Session } from '../session.js';",
        'src/lus/stop.ts': "import { Processor } from '../processor.js';",
        'src/lus/start.ts': "export { acquire } from '../locks/manager.js';",
        'src/errors.ts': "type A = import('./model/node.js').Node;",
        'src/journal/undo.ts': "await import('../testing/index.js');",
        'src/attic/old.ts': "import '../errors.js';",
        'src/local/index.ts':
          "import '../errors.js'; import './disk.js'; import '../ports/clock.js';",
      },
      violations: 6,
    },
  },
  {
    title: 'rooms inside a room keep their order',
    find: imports.forbiddenImports,
    bad: {
      files: {
        'src/instance-create/prereq/nics.ts': "import { start } from '../exec/start.js';",
        'src/instance-create/exec/start.ts': "import { start } from './start.js';",
      },
      violations: 1,
    },
  },
  {
    title: 'packages are declared, and those of an adapter stay in its folder',
    find: imports.knownPackages,
    bad: {
      files: {
        'src/config/store.ts': "import { open } from 'lmdb'; import { z } from 'zod';",
        'src/lmdb/store.ts': "import { open } from 'lmdb';",
        'src/hooks/env.ts': "import x from '@scope/name/deep';",
      },
      violations: 2,
    },
  },
  {
    title: 'package.json declares what the table of packages names',
    find: imports.declaredPackages,
    bad: { files: {}, violations: 4 },
    manifest: { dependencies: { lmdb: '1' }, peerDependenciesMeta: {} },
  },
  {
    title: 'the core meets the machine through ports',
    find: imports.builtinsBehindPorts,
    bad: {
      files: {
        'src/config/store.ts': "import { readFileSync } from 'node:fs';",
        'src/local/disk.ts': "import { open } from 'node:fs/promises'; import 'path';",
      },
      violations: 2,
    },
  },
  {
    title: 'a relative import names an existing file, ending in .js',
    find: imports.resolvableImports,
    bad: {
      files: {
        'src/a.ts': "import './b.js'; import './c.js'; import './b';",
        'src/b.ts': 'await import(name);',
      },
      violations: 3,
    },
  },
  {
    title: 'there are no cycles',
    find: imports.noCycles,
    bad: {
      files: {
        'src/locks/a.ts': "import { b } from './b.js';",
        'src/locks/b.ts': "import { c } from './c.js';",
        'src/locks/c.ts': "import { a } from './a.js';",
        'src/model/d.ts': "import type { E } from '../ports/e.js';",
        'src/ports/e.ts': "import type { D } from '../model/d.js';",
        'src/hooks/f.ts': "import type { G } from './g.js';",
        'src/hooks/g.ts': "import { f } from './f.js';",
      },
      violations: 3,
    },
  },
  {
    title: 'every file is reached from an entry',
    find: imports.noDeadFiles,
    bad: {
      files: {
        'src/index.ts': "export { a } from './a.js';",
        'src/a.ts': '',
        'src/old.ts': "import './a.js';",
      },
      violations: 1,
    },
  },
  {
    title: 'there is no any, and no way around the type checker',
    find: code.noAny,
    bad: {
      files: { 'src/a.ts': 'let a: any; const b = a as unknown as B; // any' },
      violations: 2,
    },
  },
  {
    title: 'exports have names',
    find: code.namedExports,
    bad: {
      files: {
        'src/a.ts':
          "export * from './b.js'; export default class X {}\nexport { a } from './a.js';",
        'src/b.ts': 'export default 5;',
      },
      violations: 3,
    },
  },
  {
    title: 'no module can be taken for a promise',
    find: code.noThenables,
    bad: {
      files: {
        'src/a.ts': 'export function then(): void {} export const x = 1, { y: [then] } = z;',
        'src/b.ts': "export { when as then } from './a.js'; export { then as when } from './a.js';",
        'src/c.ts': "export * as then from './a.js'; const then = 1; p.then(then);",
        'src/d.ts': 'export interface then { readonly then: number }',
      },
      violations: 4,
    },
  },
  {
    title: 'time and chance come from Clock and Ids',
    find: code.noChance,
    bad: { files: { 'src/a.ts': CHANCE }, violations: 7 },
  },
  {
    title: 'no file is excepted without need',
    find: code.usedExceptions,
    bad: { files: {}, violations: 7 },
  },
  {
    title: 'the library prints nothing',
    find: code.noConsole,
    bad: { files: { 'src/a.ts': "console.log('console');" }, violations: 1 },
  },
  {
    title: 'files that decide do not wait',
    find: code.pureFiles,
    bad: {
      files: {
        'src/locks/queue.ts': 'export async function f(): Promise<void> { await g(); }',
        'src/locks/manager.ts': 'export async function f(): Promise<void> { await g(); }',
      },
      violations: 3,
    },
  },
  {
    title: 'modules hold no state',
    find: code.noModuleState,
    bad: { files: { 'src/a.ts': 'let count = 0; const table = {}; export var x;' }, violations: 2 },
  },
  {
    title: 'a Logical Unit keeps nothing between its phases',
    find: code.statelessUnits,
    bad: { files: { 'src/lus/a.ts': UNIT }, violations: 5 },
  },
  {
    title: 'an entry of the package is a list of names',
    find: code.plainEntries,
    bad: { files: { 'src/index.ts': DOOR }, violations: 2 },
  },
  {
    title: `a file has at most ${LIMITS.fileLines} lines`,
    find: size.shortFiles,
    bad: {
      files: { 'src/a.ts': '\n'.repeat(LIMITS.fileLines + 1), 'src/b.ts': '\n'.repeat(300) },
      violations: 1,
    },
  },
  {
    title: `a function has at most ${LIMITS.functionLines} lines`,
    find: size.shortFunctions,
    bad: {
      files: {
        'src/a.ts': `const f = () => {${'\n'.repeat(LIMITS.functionLines)}};`,
        'src/b.ts': `class B { m(): void {${'\n'.repeat(LIMITS.functionLines - 1)}} }`,
      },
      violations: 1,
    },
  },
  {
    title: `a line has at most ${LIMITS.columns} columns`,
    find: size.shortLines,
    bad: { files: { 'src/a.ts': `${'x'.repeat(101)}\n${'x'.repeat(100)}` }, violations: 1 },
  },
  {
    title: 'a file says first why it exists',
    find: size.headers,
    bad: {
      files: {
        'src/a.ts': 'export const a = 1; /** Comes too late to be the header of this file here. */',
        'src/b.ts':
          '/** What this one declaration means, at some length.\n * @public */\nexport const b = 1;',
        'src/c.ts': '/** A short one. */\nexport const c = 1;',
        'src/d.ts':
          '/** Why this file exists and what it owns, in a few words. */\nexport const d = 1;',
      },
      violations: 3,
    },
  },
  {
    title: 'nothing is left for later',
    find: size.noLeftovers,
    bad: { files: { 'src/a.ts': '// TODO: write\nconst x = 1; // HACK\n// todos' }, violations: 2 },
  },
  {
    title: 'no comment switches a check off',
    find: size.noSuppressions,
    bad: {
      files: {
        'src/a.ts': '// @ts-expect-error\n// eslint-disable-next-line\n// biome-ignore x: y',
      },
      violations: 3,
    },
  },
];
