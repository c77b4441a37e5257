/**
 * docs/ganeti.md, as it stands: its shell lines are taken out of the page and run, those for nodes on
 * two nodes that have nothing but Debian's package, the others in a copy of this project; then its
 * program, on the node that leads.
 */
import { execFile } from 'node:child_process';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedConfig } from './config-data.js';
import { RealNode } from './daemon.js';

const exec = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const INSTANCE = 'web1.example.com';

/** What the program leaves out; the names that it uses say from where they come. */
const IMPORTS = `
import { allHypervisors, type ConfigReader, initConfig, instanceUndoActions } from 'logical-units';
import { LUInstanceCreate, MemoryKvStore, openCluster } from 'logical-units';
import { GanetiNodes, HttpsTransport, readConfigFile, readCredentials } from 'logical-units/ganeti';
import { systemClock, systemIds, systemResolver } from 'logical-units/local';
`;

/** What `npm run build` and the examples need of this project. */
const TSCONFIGS = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.examples.json'];
const CHECKOUT = ['package.json', ...TSCONFIGS];
const FOLDERS = ['src', 'scripts', 'examples'];

let dir: string;
let page: string;
const nodes: RealNode[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gnt-docs-'));
  page = await readFile(join(ROOT, 'docs/ganeti.md'), 'utf8');
  // The page's own names and addresses; the caller is on the same network.
  await exec('ip', ['addr', 'add', '192.0.2.254/24', 'dev', 'gnt0']);
  for (const number of [1, 2]) {
    const place = { name: `node${number}.example.com`, address: `192.0.2.${number}` };
    const root = join(dir, `n${number}`);
    const none = { server: '', clients: [], master: '' };
    const node = new RealNode({ number, root, ...none, ...place, bare: true });
    nodes.push(node);
    await node.prepare();
  }
  await checkOut(join(dir, 'project'));
});

afterAll(async () => {
  for (const node of nodes) await node.dispose();
  await exec('ip', ['addr', 'del', '192.0.2.254/24', 'dev', 'gnt0']);
  await rm(dir, { recursive: true, force: true });
});

/** The shell lines below a heading. */
function linesOf(heading: string): string {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const block = /```sh\n([\s\S]*?)```/.exec(section.split('\n## ')[0] ?? '')?.[1];
  if (block === undefined) throw new Error(`docs/ganeti.md has no shell lines below '${heading}'`);
  return block;
}

/** A copy of the project, in which `npm ci` has been run. */
async function checkOut(project: string): Promise<void> {
  await mkdir(join(project, 'bin'), { recursive: true });
  for (const name of CHECKOUT) await copyFile(join(ROOT, name), join(project, name));
  for (const name of FOLDERS) await cp(join(ROOT, name), join(project, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  const { stdout } = await exec('sh', ['-c', 'command -v npm']);
  const npm = `#!/bin/sh\n[ "$1" = ci ] && exit 0\nexec ${stdout.trim()} "$@"\n`;
  await writeFile(join(project, 'bin/npm'), npm, { mode: 0o755 });
}

/** Runs shell lines in the copy, up to the first that fails; what they say. */
async function inProject(lines: string): Promise<string> {
  const cwd = join(dir, 'project');
  const env = { ...process.env, PATH: `${cwd}/bin:${process.env['PATH']}` };
  const { stdout } = await exec('sh', ['-euc', lines], { cwd, env });
  return stdout;
}

/** Puts a file of the cluster on a node, as the page's table says. */
async function hand(node: RealNode, name: string, mode: number): Promise<void> {
  const place = node.at(`/var/lib/ganeti/${name}`);
  await copyFile(join(dir, 'project/pki', name), place);
  await chmod(place, mode);
}

test('the lines for a node make one of a machine with the package', async () => {
  // Packages are resolved, but those of this machine are left alone.
  const simulating = join(dir, 'apt.conf');
  await writeFile(simulating, 'APT::Get::Simulate "true";\n');
  for (const node of nodes) {
    const lines = linesOf('A node');
    expect(lines).toContain('apt-get install');
    await node.run(['sh', '-euc', lines], { APT_CONFIG: simulating });
  }
});

test('the lines for certificates make what nodes and caller know each other by', async () => {
  await inProject(linesOf('Certificates, and who may call'));
  for (const node of nodes) {
    await hand(node, 'server.pem', 0o400);
    await hand(node, 'ssconf_master_candidates_certs', 0o444);
    await node.start();
  }
});

test('the lines for the first instance create it and remove it', async () => {
  const said = await inProject(linesOf('The first instance'));
  expect(said).toContain(`${INSTANCE} runs on node1.example.com\n${INSTANCE} is removed\n`);
  for (const node of nodes) expect(await node.list('/srv/ganeti/file-storage')).toEqual([]);
});

test('the program is as short as the page says, and creates an instance', async () => {
  const program = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const code = program.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
  expect(code).toHaveLength(10);
  const [first = never()] = nodes;
  await hand(first, 'client.pem', 0o400);
  await writeFile(
    first.at('/var/lib/ganeti/config.data'),
    recordedConfig('empty-cluster', { '198.51.100.11': first.address }),
  );
  const hosts = `127.0.0.1 localhost\n${first.address} ${first.name}\n192.0.2.10 ${INSTANCE}\n`;
  await writeFile(join(dir, 'n1/hosts'), hosts);
  const path = join(dir, 'project/create-web1.ts');
  await writeFile(path, IMPORTS + program);
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  await first.run([process.execPath, tsx, path]);
  expect(await first.list('/var/run/ganeti/fake-hypervisor')).toEqual([INSTANCE]);
  expect(await first.list(`/srv/ganeti/file-storage/${INSTANCE}`)).toHaveLength(1);
});

function never(): never {
  throw new Error('there is no such node');
}
