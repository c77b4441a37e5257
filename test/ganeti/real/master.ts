/**
 * The node that leads a cluster, as far as Ganeti's daemons care: its files below a directory of
 * its own, and daemons that work there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { inScratch, run, type Said, SBIN } from './package.js';

/** Certificates that tools insist on beside the node daemons'. */
const OTHERS = ['rapi.pem', 'spice.pem', 'spice-ca.pem', 'client.pem'];

/** Key of the confd protocol; anything will do. */
export const HMAC_KEY = '0123456789abcdef0123456789abcdef';

/** Writes what a data directory has to have. */
export async function fillDataDirectory(directory: string, config: JsonObject): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const put = (name: string, text: string): void =>
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  put('config.data', JSON.stringify(config));
  put('hmac.key', HMAC_KEY);
  put('cluster-domain-secret', HMAC_KEY);
  put('known_hosts', 'nobody\n');
  const { cluster_name: name, master_node: master } = config['cluster'] as JsonObject;
  const nodes = config['nodes'] as Readonly<Record<string, JsonObject>>;
  put('ssconf_cluster_name', `${name as string}\n`);
  put('ssconf_master_node', `${nodes[master as string]?.['name'] as string}\n`);
  await makeCertificate(directory);
}

/** One file for all purposes, key first. */
async function makeCertificate(directory: string): Promise<void> {
  const file = join(directory, 'server.pem');
  const subject = ['-subj', '/CN=cluster', '-days', '30', '-sha256', '-nodes'];
  const files = ['-keyout', file, '-out', `${file}.certificate`];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files]);
  appendFileSync(file, readFileSync(`${file}.certificate`));
  for (const name of OTHERS) copyFileSync(file, join(directory, name));
}

/** A leading node on which daemons run. */
export interface Master {
  /** Environment in which Ganeti's programs find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a program of Ganeti's there. */
  readonly run: (file: string, ...args: readonly string[]) => Promise<Said>;
}

/** Daemons of a leading node; the configuration's comes first. */
export type Daemon = 'wconfd' | 'luxid';

const ALONE = ['--no-user-checks', '--no-voting', '--yes-do-it'];

const ARGUMENTS: Readonly<Record<Daemon, readonly string[]>> = {
  wconfd: ['--force-node', ...ALONE],
  luxid: ALONE,
};

/** Runs daemons on a configuration, and ends them. */
export function withMaster<T>(
  config: JsonObject,
  daemons: readonly Daemon[],
  work: (master: Master) => Promise<T>,
): Promise<T> {
  return inScratch(async (scratch) => {
    const name = 'node1.example.com';
    const root = join(scratch, name);
    await fillDataDirectory(join(root, 'var/lib/ganeti'), config);
    makeDirectories(root);
    const env = { GANETI_ROOTDIR: root, GANETI_HOSTNAME: name };
    const children: ChildProcess[] = [];
    try {
      for (const daemon of daemons) {
        const child = start(daemon, env, join(scratch, 'said'));
        children.push(child);
        await untilListening(child, join(root, SOCKETS[daemon]), daemon);
      }
      return await work({ env, run: (file, ...args) => run(file, args, { env }) });
    } finally {
      for (const child of children.reverse()) await end(child);
    }
  });
}

function makeDirectories(root: string): void {
  const places = ['lib/ganeti/queue/archive', 'log/ganeti', 'lock', 'run/ganeti/livelocks'];
  for (const place of [...places, 'run/ganeti/socket']) {
    mkdirSync(join(root, 'var', place), { recursive: true });
  }
  writeFileSync(join(root, 'var/lib/ganeti/queue/version'), '1\n');
  writeFileSync(join(root, 'var/lib/ganeti/queue/serial'), '0\n');
}

function start(daemon: Daemon, env: Readonly<Record<string, string>>, said: string): ChildProcess {
  const args = ['-f', ...ARGUMENTS[daemon]];
  const child = spawn(join(SBIN, `ganeti-${daemon}`), args, { env: { ...process.env, ...env } });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => appendFileSync(said, chunk));
  }
  return child;
}

const SOCKETS: Readonly<Record<Daemon, string>> = {
  wconfd: 'var/run/ganeti/socket/ganeti-wconfd',
  luxid: 'var/run/ganeti/socket/ganeti-query',
};

/** Looks every tenth of a second, for 20 seconds at most. */
async function untilListening(child: ChildProcess, socket: string, daemon: Daemon): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (child.exitCode !== null) throw new Error(`ganeti-${daemon} has ended at once`);
    if (existsSync(socket)) return;
    await setTimeout(100);
  }
  throw new Error(`ganeti-${daemon} does not listen`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = new AbortController();
  void setTimeout(5000, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await gone;
  patience.abort();
}
