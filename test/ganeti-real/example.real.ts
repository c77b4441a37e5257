/**
 * The example, as its page tells it: certificates by its script, two daemons that know nothing but
 * these, and the program itself, in a process of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatAllowedClients, readCredentials } from '../../src/ganeti/index.js';
import { recordedConfig } from './config-data.js';
import { RealNode } from './daemon.js';

const exec = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'examples/ganeti/main.ts');
const NAME = 'web1.example.com';
const MIB = 1024 * 1024;

let dir: string;
const nodes: RealNode[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gnt-example-'));
  await exec(join(ROOT, 'examples/ganeti/certificates.sh'), [dir]);
  const server = await readFile(join(dir, 'server.pem'), 'utf8');
  const { certificate } = await readCredentials(files());
  for (const number of [1, 2]) {
    const root = join(dir, `n${number}`);
    const clients = [{ id: 'caller', certificate }];
    nodes.push(new RealNode({ number, root, server, clients, master: 'node1.test' }));
  }
  for (const node of nodes) {
    await node.prepare();
    await node.start();
  }
});

afterAll(async () => {
  for (const node of nodes) await node.dispose();
  await rm(dir, { recursive: true, force: true });
});

function files() {
  return { client: join(dir, 'client.pem'), cluster: join(dir, 'server.pem') };
}

/** What the program says, on the cluster of these nodes. */
function run(args: readonly string[]): Promise<string> {
  return runIn('state', [...args, ...nodes.flatMap((node) => ['--node', named(node)])]);
}

function named({ name, address }: RealNode): string {
  return `${name}=${address}`;
}

/** The same on any cluster, whose configuration is in that directory after the first run. */
async function runIn(state: string, args: readonly string[]): Promise<string> {
  const { client, cluster } = files();
  const known = ['--dir', join(dir, state), '--client', client, '--cluster', cluster];
  const program = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), PROGRAM, ...args];
  const { stdout } = await exec(process.execPath, [...program, ...known], { cwd: ROOT });
  return stdout.trim();
}

async function filesOn(node: RealNode): Promise<readonly string[]> {
  return node.list('/srv/ganeti/file-storage');
}

test('the list of allowed clients that the script writes is the one the library writes', async () => {
  const { certificate } = await readCredentials(files());
  const written = await readFile(join(dir, 'ssconf_master_candidates_certs'), 'utf8');
  expect(written).toBe(formatAllowedClients([{ id: 'caller', certificate }]));
});

test('the program makes an instance on the node it is told, and removes it again', async () => {
  const [, second = never()] = nodes;
  expect(await run(['create', NAME, '--on', second.name])).toBe(`${NAME} runs on ${second.name}`);
  const [disk = never()] = await second.list(`/srv/ganeti/file-storage/${NAME}`);
  const { size } = await stat(second.at(`/srv/ganeti/file-storage/${NAME}/${disk}`));
  expect(size).toBe(1024 * MIB);
  expect(await second.list('/var/run/ganeti/fake-hypervisor')).toEqual([NAME]);
  await expect(run(['create', NAME])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(NAME) as string,
  });
  expect(await run(['remove', NAME])).toBe(`${NAME} is removed`);
  for (const node of nodes) expect(await filesOn(node)).toEqual([]);
  expect(await second.list('/var/run/ganeti/fake-hypervisor')).toEqual([]);
});

test('the program takes a cluster over from its config.data', async () => {
  const [first = never(), second = never()] = nodes;
  const moved = { '198.51.100.31': first.address, '198.51.100.32': second.address };
  const config = join(dir, 'config.data');
  await writeFile(config, recordedConfig('3-nodes', moved));
  const create = ['create', NAME, '--disk', '16M', '--on', 'm2.example.com'];
  expect(await runIn('taken', [...create, '--config', config])).toBe(
    `${NAME} runs on m2.example.com`,
  );
  expect(await second.list('/var/run/ganeti/fake-hypervisor')).toEqual([NAME]);
  // An instance of the cluster that was taken over is known, and its name is not free.
  await expect(runIn('taken', ['create', 'mi1.example.com'])).rejects.toMatchObject({
    stderr: expect.stringContaining('mi1.example.com') as string,
  });
  expect(await runIn('taken', ['remove', NAME])).toBe(`${NAME} is removed`);
  for (const node of nodes) expect(await filesOn(node)).toEqual([]);
});

function never(): never {
  throw new Error('it is not there');
}
