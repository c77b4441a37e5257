/**
 * The packed package in somebody else's project: every entry is imported and required on the oldest
 * supported Node and on the current line of each later one, and a program that uses the package is
 * type-checked with the oldest and the newest supported TypeScript. Needs a build
 * (`npm run test:consumer`).
 *
 * Node itself comes from npm (`node-<platform>-<arch>`), kept below node_modules/.cache.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesOf, manifest, pack, ROOT, run } from './package.mjs';

/** The floor of package.json#engines, and the lines after it. */
const NODES = ['20.19.0', '22', '24'];

/** The oldest supported TypeScript and the newest. */
const TYPESCRIPTS = ['5.5', '7.0'];

const RESOLUTIONS = [
  { module: 'NodeNext', moduleResolution: 'NodeNext' },
  { module: 'ESNext', moduleResolution: 'Bundler' },
];

const IMPORT = `
  const seen = await import(process.argv[1]);
  if (Object.keys(seen).length === 0) throw new Error('it exports nothing');
`;

/** A program may import and require the package: it must get the same classes both times. */
const REQUIRE = `
  const name = process.argv[1];
  const required = require(name);
  import(name).then((imported) => {
    for (const key of Object.keys(imported)) {
      if (required[key] !== imported[key]) throw new Error(key + ' exists twice');
    }
  });
`;

let failures = 0;
const nodes = NODES.map((version) => ({ version, program: fetchNode(version) }));
const folder = mkdtempSync(join(tmpdir(), 'logical-units-consumer-'));
try {
  makeProject();
  for (const node of nodes) for (const entry of entriesOf()) load(node, entry.name);
  for (const version of TYPESCRIPTS) for (const options of RESOLUTIONS) typeCheck(version, options);
} finally {
  rmSync(folder, { recursive: true });
}
if (failures > 0) console.error(`${failures} combination(s) failed`);
process.exitCode = failures === 0 ? 0 : 1;

/** A project which depends on the tarball, its optional peers, and compilers to check it with. */
function makeProject() {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const peers = Object.entries(manifest.peerDependencies).map(
    ([name, range]) => `${name}@${range}`,
  );
  const compilers = TYPESCRIPTS.map((version) => `${compiler(version)}@npm:typescript@~${version}`);
  const types = `@types/node@${manifest.devDependencies['@types/node']}`;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', ...quiet, pack(folder), ...peers, ...compilers, types], folder);
  cpSync(join(ROOT, 'test/consumer/consumer.ts'), join(folder, 'consumer.ts'));
  const doors = entriesOf().map(({ name }, n) => `export * as door${n} from '${name}';\n`);
  writeFileSync(join(folder, 'doors.ts'), doors.join(''));
}

function load({ version, program }, name) {
  const flags = ['--throw-deprecation'];
  const imported = [...flags, '--input-type=module', '-e', IMPORT, name];
  verdict(`node ${version}`, `import('${name}')`, program, imported);
  const required = ['--input-type=commonjs', '-e', REQUIRE, name];
  verdict(`node ${version}`, `require('${name}')`, program, required);
}

function typeCheck(version, options) {
  const compilerOptions = {
    ...options,
    target: 'ES2022',
    lib: ['ES2023'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files: ['consumer.ts', 'doors.ts'] }));
  const tsc = join(folder, 'node_modules', compiler(version), 'bin', 'tsc');
  const what = `types, ${options.moduleResolution} resolution`;
  verdict(`typescript ${version}`, what, process.execPath, [tsc, '-p', config]);
}

/** Runs one combination and prints its line. */
function verdict(where, what, program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${where.padEnd(16)}  ${what}`);
  if (status === 0) return;
  failures += 1;
  console.error(`${stdout}${stderr}`);
}

/** The program of a Node version; installed once. */
function fetchNode(version) {
  const home = join(ROOT, 'node_modules', '.cache', `node-${version}`);
  const name = `node-${process.platform}-${process.arch}`;
  const program = join(home, 'node_modules', name, 'bin', 'node');
  if (spawnSync(program, ['--version']).status === 0) return program;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`],
    home,
  );
  return program;
}

function compiler(version) {
  return `typescript-${version}`;
}
