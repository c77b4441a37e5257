/**
 * One node: its directories, its corner of the network, and the real node daemon in it, which can be
 * started, ended, killed, held and let go on.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type AllowedClient, writeAllowedClients } from '../../src/ganeti/index.js';

const exec = promisify(execFile);

const START = fileURLToPath(new URL('node.sh', import.meta.url));

const PORT = 1811;
const START_LIMIT_MS = 30_000;
/** Most time that one look at a port, and one command about the network may take. */
const LOOK_LIMIT_MS = 1000;
const COMMAND_LIMIT_MS = 20_000;

/**
 * Files of tests run at once, each in a process with a number; their nodes share one network, and
 * have addresses and names of network things of their own.
 */
const LANE = Number(process.env['VITEST_POOL_ID'] ?? 0);

/** Most nodes of one file. */
const NODES_OF_LANE = 8;

/** What a node is made of. */
export interface NodeFacts {
  /** Its number, from 1. */
  readonly number: number;
  /** The directory that holds all of it. */
  readonly root: string;
  /** The cluster's key and certificate. */
  readonly server: string;
  /** Whose calls it takes. */
  readonly clients: readonly AllowedClient[];
  /** Host name of the node that leads. */
  readonly master: string;
  /** Its own name and address, if they are not to be made of its number. */
  readonly name?: string;
  readonly address?: string;
  /** Nothing is set up but what the package brings: the test does the rest. */
  readonly bare?: true;
}

/** A node with the real daemon. */
export class RealNode {
  readonly name: string;
  readonly address: string;
  /** The network namespace that it lives in. */
  readonly namespace: string;
  readonly #facts: NodeFacts;
  /** Its end of the network, as the caller's side calls it. */
  readonly #link: string;
  #daemon: ChildProcess | undefined;

  constructor(facts: NodeFacts) {
    this.#facts = facts;
    this.name = facts.name ?? `node${facts.number}.test`;
    this.address = facts.address ?? `198.18.77.${LANE * NODES_OF_LANE + facts.number}`;
    this.namespace = `gnt${LANE}n${facts.number}`;
    this.#link = `gntv${LANE}n${facts.number}`;
  }

  /** The place, seen from here, of a file that the node has at `path`. */
  at(path: string): string {
    for (const [theirs, ours] of PLACES) {
      if (path.startsWith(`${theirs}/`))
        return join(this.#facts.root, ours, path.slice(theirs.length));
    }
    throw new Error(`${path} is not one of the node's own places`);
  }

  /** Makes directories and network; the daemon is not started yet. */
  async prepare(): Promise<void> {
    await this.#makeDirectories();
    await this.#makeNetwork();
  }

  /** Starts the daemon, and waits until it takes connections. */
  async start(): Promise<void> {
    const { root } = this.#facts;
    const log = createWriteStream(join(root, 'log/start.out'), { flags: 'a' });
    const command = ['netns', 'exec', this.namespace, 'sh', START, root, this.name, this.address];
    const daemon = spawn('ip', command, { stdio: ['ignore', 'pipe', 'pipe'] });
    daemon.stdout.pipe(log);
    daemon.stderr.pipe(log);
    this.#daemon = daemon;
    const limit = performance.now() + START_LIMIT_MS;
    while (!(await answers(this.address))) {
      if (daemon.exitCode !== null || performance.now() > limit) {
        throw new Error(`${this.name} did not start:\n${await this.log()}`);
      }
      await pause(50);
    }
  }

  /** Runs a command on the node, in the caller's working directory; its output. */
  async run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { root } = this.#facts;
    const prefix = ['netns', 'exec', this.namespace, 'sh', START, root, this.name, this.address];
    const { stdout } = await exec('ip', [...prefix, ...command], {
      env: { ...process.env, ...env },
    });
    return stdout;
  }

  /** Ends the daemon; without a signal politely. Guests and scripts go on. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    // Held first if it is to be killed: what it starts after we have looked would outlive it, and
    // keep its port. One that is held already is not let go for that.
    daemon.kill(signal === 'SIGKILL' ? 'SIGSTOP' : 'SIGCONT');
    const helpers = await childrenOf(daemon.pid);
    daemon.kill(signal);
    const late = setTimeout(() => daemon.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
    // Each call has a process of its own, which outlives a daemon that is killed.
    if (signal === 'SIGKILL') for (const pid of helpers) quietly(() => process.kill(pid, signal));
  }

  /** Whether it works on a call: each has a process of its own. */
  async isAtWork(): Promise<boolean> {
    return (await childrenOf(this.#daemon?.pid)).length > 0;
  }

  /** Holds the daemon: connections are taken by the kernel, and nobody answers. */
  hold(): void {
    this.#daemon?.kill('SIGSTOP');
  }

  /** Lets it go on. */
  letGo(): void {
    this.#daemon?.kill('SIGCONT');
  }

  /** Puts an executable file on the node. */
  async script(path: string, body: string): Promise<void> {
    const place = this.at(path);
    await mkdir(join(place, '..'), { recursive: true });
    await writeFile(place, body, { mode: 0o755 });
  }

  /** Makes a file that holds nothing yet. */
  async fileOfZeros(path: string, sizeBytes: number): Promise<void> {
    const place = this.at(path);
    await mkdir(join(place, '..'), { recursive: true });
    await writeFile(place, Buffer.alloc(sizeBytes));
  }

  /** Names of the files in a directory of the node. */
  list(path: string): Promise<readonly string[]> {
    return readdir(this.at(path));
  }

  /** Empties a directory of the node, which need not be there. */
  async clear(path: string): Promise<void> {
    await rm(this.at(path), { recursive: true, force: true });
  }

  /** What the daemon has said, for failures. */
  async log(): Promise<string> {
    const files = ['log/start.out', 'log/node-daemon.log'];
    const texts = files.map((file) =>
      readFile(join(this.#facts.root, file), 'utf8').catch(() => ''),
    );
    return (await Promise.all(texts)).join('\n').split('\n').slice(-40).join('\n');
  }

  /** Changes who may call. */
  async allow(clients: readonly AllowedClient[]): Promise<void> {
    await writeAllowedClients(
      join(this.#facts.root, 'lib/ssconf_master_candidates_certs'),
      clients,
    );
  }

  async #makeDirectories(): Promise<void> {
    const { root, server, clients, master } = this.#facts;
    for (const dir of DIRECTORIES) await mkdir(join(root, dir), { recursive: true, mode: 0o755 });
    // What the package has there: links to the programs.
    await cp('/etc/ganeti', join(root, 'etc'), { recursive: true, verbatimSymlinks: true });
    if (this.#facts.bare === true) return;
    await writeFile(join(root, 'lib/server.pem'), server, { mode: 0o400 });
    await writeFile(
      join(root, 'etc/file-storage-paths'),
      '/srv/ganeti/file-storage\n/srv/ganeti/shared-file-storage\n',
    );
    const known = { cluster_name: 'cluster.test', master_node: master, hypervisor_list: 'fake' };
    for (const [name, value] of Object.entries(known)) {
      await writeFile(join(root, `lib/ssconf_${name}`), `${value}\n`);
    }
    await this.allow(clients);
  }

  async #makeNetwork(): Promise<void> {
    const [ns, link] = [this.namespace, this.#link];
    await ip(`netns add ${ns}`);
    const hardware = hardwareAddressOf(this.address);
    await ip(`link add ${link} type veth peer name eth0 address ${hardware} netns ${ns}`);
    await ip(`link set ${link} master gnt0 up`);
    await ip(`-n ${ns} link set lo up`);
    await ip(`-n ${ns} addr add ${this.address}/24 dev eth0`);
    await ip(`-n ${ns} link set eth0 up`);
    if (this.#facts.bare === true) return;
    await ip(`-n ${ns} link add br0 type bridge`);
    await ip(`-n ${ns} link set br0 up`);
  }

  /** Ends the daemon and takes the network away. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    await ip(`netns del ${this.namespace}`).catch(() => undefined);
    await ip(`link del ${this.#link}`).catch(() => undefined);
  }
}

/** The node's own places, and where they are in its root. */
const PLACES = [
  ['/var/lib/ganeti', 'lib'],
  ['/var/log/ganeti', 'log'],
  ['/var/run/ganeti', 'run'],
  ['/run/ganeti', 'run'],
  ['/etc/ganeti', 'etc'],
  ['/srv/ganeti', 'srv'],
] as const;

/** What the daemon does not make itself. */
const DIRECTORIES = [
  ...['lib/queue', 'lib/export', 'lock', 'log/os', 'log/kvm', 'etc/hooks', 'srv/os'],
  ...['srv/file-storage', 'srv/shared-file-storage'],
  ...['instance-disks', 'instance-reason', 'bdev-cache', 'socket', 'crypto', 'import-export'].map(
    (name) => `run/${name}`,
  ),
];

/**
 * Files of tests that run one after the other have the same addresses. If each had another hardware
 * address, the kernel would send to the one before for half a minute, and nobody would answer.
 */
function hardwareAddressOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '00', ...bytes].join(':');
}

async function ip(words: string): Promise<void> {
  await exec('ip', words.split(' '), { timeout: COMMAND_LIMIT_MS });
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: PORT });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
    socket.setTimeout(LOOK_LIMIT_MS, () => end(false));
  });
}

async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // It is gone already.
  }
}
