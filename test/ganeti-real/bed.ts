/**
 * Three real nodes and a way to call them: what every test here begins with. It is taken down
 * whatever happens to the test.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HttpsTransport,
  type HttpsTransportOptions,
  type NodeCredentials,
  parseCredentials,
} from '../../src/ganeti/index.js';
import { systemClock } from '../../src/local/index.js';
import { type Pem, selfSigned, signedBy } from './certificates.js';
import { RealNode } from './daemon.js';

/** Nodes, and who may call them. */
export class Bed {
  readonly nodes: readonly RealNode[];
  /** Those of a client that all nodes know. */
  readonly credentials: NodeCredentials;
  /** Where certificates are made. */
  readonly pki: string;
  /** The cluster's certificate. */
  readonly server: Pem;
  readonly #dir: string;

  private constructor(parts: Pick<Bed, 'nodes' | 'credentials' | 'server'>, dir: string) {
    this.nodes = parts.nodes;
    this.credentials = parts.credentials;
    this.server = parts.server;
    this.pki = dir;
    this.#dir = dir;
  }

  /** Starts nodes. */
  static async start(count = 3): Promise<Bed> {
    const dir = await mkdtemp(join(tmpdir(), 'gnt-'));
    const server = await selfSigned(dir, 'cluster');
    const client = await signedBy(dir, 'cluster', 'client');
    const clients = [{ id: 'client', certificate: client.certificate }];
    const nodes = Array.from({ length: count }, (_, index) => {
      const number = index + 1;
      const root = join(dir, `n${number}`);
      return new RealNode({ number, root, server: server.both, clients, master: 'node1.test' });
    });
    const credentials = parseCredentials({ client: client.both, cluster: server.both });
    const bed = new Bed({ nodes, credentials, server }, dir);
    try {
      for (const node of nodes) await node.prepare();
      await Promise.all(nodes.map((node) => node.start()));
    } catch (error) {
      await bed.stop();
      throw error;
    }
    return bed;
  }

  /** A node by its number, from 1. */
  node(number: number): RealNode {
    const node = this.nodes[number - 1];
    if (node === undefined) throw new Error(`there is no node ${number}`);
    return node;
  }

  /** A way to call them. */
  transport(options: Partial<HttpsTransportOptions> = {}): HttpsTransport {
    const { credentials } = this;
    return new HttpsTransport({ credentials, clock: systemClock(), ...options });
  }

  /** Lets a node take our calls, and nobody else's. */
  allowClient(number: number): Promise<void> {
    return this.node(number).allow([{ id: 'client', certificate: this.credentials.certificate }]);
  }

  /** Everything that instances have left on the nodes, as `node: path`. */
  async remains(): Promise<readonly string[]> {
    const found = this.nodes.map(async (node) => {
      const paths = await Promise.all(LEFT_BEHIND.map((dir) => filesBelow(node, dir)));
      return paths.flat().map((path) => `${node.name}: ${path}`);
    });
    return (await Promise.all(found)).flat().sort();
  }

  /** Removes all that. */
  async sweep(): Promise<void> {
    for (const node of this.nodes) {
      for (const dir of LEFT_BEHIND) {
        const entries = await readdir(node.at(dir)).catch(() => []);
        for (const entry of entries) await node.clear(`${dir}/${entry}`);
      }
    }
  }

  /** Ends all of it. */
  async stop(): Promise<void> {
    for (const node of this.nodes) await node.dispose();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Where instances leave things: disks, links, states, transfers, keys. */
const LEFT_BEHIND = [
  '/srv/ganeti/file-storage',
  '/srv/ganeti/shared-file-storage',
  '/var/run/ganeti/instance-disks',
  '/var/run/ganeti/fake-hypervisor',
  // The hypervisor's own directories stay; what is in them goes.
  ...['conf', 'ctrl', 'nic', 'pid'].map((name) => `/var/run/ganeti/kvm-hypervisor/${name}`),
  '/var/run/ganeti/import-export',
  '/var/run/ganeti/crypto',
];

async function filesBelow(node: RealNode, dir: string): Promise<readonly string[]> {
  const entries = await readdir(node.at(dir), { recursive: true }).catch(() => []);
  return entries.map((entry) => `${dir}/${entry}`);
}
