/**
 * What the papers say is true: the README's Logical Unit and its test compile and pass against the
 * built package, the program of docs/ganeti.md compiles, the commands that are named exist, and
 * links lead somewhere. Needs a build (`npm test` makes one).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FOLDER = join(ROOT, 'temp', 'readme');

/** The code blocks of the README that are files, and how many lines of code each may have. */
const SHOWN = [
  { name: 'rename-thing.ts', lines: 25 },
  { name: 'rename-thing.test.ts', lines: 15 },
];

/** What the program of docs/ganeti.md leaves out. */
const PAGE_IMPORTS = `
import { allHypervisors, type ConfigReader, initConfig, instanceUndoActions } from 'logical-units';
import { LUInstanceCreate, MemoryKvStore, openCluster } from 'logical-units';
import { GanetiNodes, HttpsTransport } from 'logical-units/ganeti';
import { readConfigFile, readCredentials } from 'logical-units/ganeti';
import { systemClock, systemIds, systemResolver } from 'logical-units/local';
`;

describe("given the README's example files", () => {
  beforeAll(() => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const { name } of SHOWN) writeFileSync(join(FOLDER, name), blockOf(name));
    const page = blockOf('create-web1.ts', 'docs/ganeti.md');
    writeFileSync(join(FOLDER, 'create-web1.ts'), PAGE_IMPORTS + page);
    writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(compilerConfig()));
    writeFileSync(join(FOLDER, 'vitest.config.mjs'), runnerConfig());
  });
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  test.each(SHOWN)('$name is as short as the README says', ({ name, lines }) => {
    const code = blockOf(name)
      .split('\n')
      .slice(1)
      .filter((line) => line.trim() !== '');
    expect(code.length).toBeGreaterThan(5);
    expect(code.length).toBeLessThanOrEqual(lines);
  });

  test('they compile against the types of the built package', () => {
    expect(runTool('typescript/bin/tsc', ['-p', FOLDER])).toEqual({ status: 0, output: '' });
  });

  test('the example test passes against the built package', () => {
    const config = ['--root', FOLDER, '--config', join(FOLDER, 'vitest.config.mjs')];
    const { status, output } = runTool('vitest/vitest.mjs', ['run', ...config]);
    expect(output).toMatch(/Tests +[1-9]\d* passed/);
    expect(status).toBe(0);
  });
});

describe.each(papers())('given %s', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');

  test('every command that it names exists', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = [...text.matchAll(/npm (?:run ([\w:-]+)|(test|start)\b)/g)];
    const missing = named
      .map(([, run, short]) => run ?? short ?? '')
      .filter((n) => !(n in scripts));
    expect(missing).toEqual([]);
  });

  test('every link inside the project leads to a file', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target ?? '');
    const dead = links
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(path), target)));
    expect(dead).toEqual([]);
  });
});

/** The code block whose first line is a comment with that file name. */
function blockOf(name: string, paper = 'README.md'): string {
  const text = readFileSync(join(ROOT, paper), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '');
  const block = blocks.find((code) => code.startsWith(`// ${name}\n`));
  if (block === undefined) {
    throw new Error(`${paper} has no block that starts with \`\`\`ts and the line '// ${name}'`);
  }
  return block;
}

function papers(): string[] {
  const decisions = join('docs', 'decisions');
  return ['.', 'docs', decisions].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
}

/** As strict as the project itself, and resolving the package by its name to the build. */
function compilerConfig(): object {
  return {
    extends: '../../tsconfig.json',
    compilerOptions: { paths: {}, rootDir: '.' },
    include: ['*.ts'],
  };
}

function runnerConfig(): string {
  const alias = [
    { find: '^logical-units$', to: 'index.js' },
    { find: '^logical-units/([a-z-]+)$', to: '$1/index.js' },
  ].map(
    ({ find, to }) => `{ find: /${find.replace('/', '\\/')}/, replacement: '${ROOT}dist/${to}' }`,
  );
  return `export default { resolve: { alias: [${alias.join(', ')}] } };\n`;
}

function runTool(path: string, args: readonly string[]): { status: number | null; output: string } {
  const program = join(ROOT, 'node_modules', path);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', VITEST: undefined, VITEST_WORKER_ID: undefined },
  });
  return { status, output: stdout + stderr };
}
