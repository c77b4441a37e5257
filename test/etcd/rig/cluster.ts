/** A real etcd cluster in a directory of its own, to be tried and thrown away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Member } from './member.js';
import { loopback, type Network, type Place } from './network.js';
import { poll } from './poll.js';

/** How a cluster is started. */
export interface ClusterOptions {
  /** How many members; 3 if not given. */
  readonly size?: number;
  /** Where they live; ports of loopback if not given. */
  readonly network?: Network;
  /** `https` with these flags, for clients only. */
  readonly tlsFlags?: readonly string[];
  /** More flags for each member. */
  readonly flags?: readonly string[];
}

/** Elections within half a second, so that faults need not last long. */
const QUICK: readonly string[] = [
  ...['--heartbeat-interval', '50', '--election-timeout', '500', '--pre-vote'],
  ...['--grpc-keepalive-min-time', '100ms', '--logger', 'zap', '--log-level', 'error'],
];

/** A cluster. */
export class Cluster {
  readonly members: readonly Member[];
  readonly places: readonly Place[];
  readonly #directory: string;
  readonly #network: Network;

  private constructor(members: readonly Member[], network: Network, directory: string) {
    this.members = members;
    this.places = network.places;
    this.#network = network;
    this.#directory = directory;
  }

  /** Starts the members and waits until they have a leader. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { size = 3, network = await loopback(size), flags = [], tlsFlags } = options;
    const directory = mkdtempSync(join(tmpdir(), 'logical-units-etcd-'));
    const peers = network.places.map(({ address, peerPort }) => `http://${address}:${peerPort}`);
    const initial = peers.map((url, n) => `m${n}=${url}`).join(',');
    const scheme = tlsFlags === undefined ? 'http' : 'https';
    const members = network.places.map(
      ({ within, address, clientPort }, n) =>
        new Member({
          name: `m${n}`,
          directory: join(directory, `m${n}`),
          within,
          clientUrl: `${scheme}://${address}:${clientPort}`,
          peerUrl: peers[n] ?? '',
          flags: ['--initial-cluster', initial, ...QUICK, ...(tlsFlags ?? []), ...flags],
        }),
    );
    const cluster = new Cluster(members, network, directory);
    for (const member of members) member.start();
    try {
      if (tlsFlags === undefined) await cluster.healthy();
    } catch (error) {
      const logs = members.map((member) => member.log()).join('\n');
      await cluster.stop();
      throw new Error(`${String(error)}\n${logs}`);
    }
    return cluster;
  }

  /** What clients are told. */
  get endpoints(): readonly string[] {
    return this.members.map(({ clientUrl }) => clientUrl);
  }

  /** Resolves when all members answer and agree on a leader. */
  async healthy(): Promise<void> {
    await poll('a cluster with a leader that all agree on', async () => {
      const statuses = await Promise.all(this.members.map(statusOf));
      const leaders = new Set(statuses.map(({ leader }) => leader));
      return leaders.size === 1 && !leaders.has('0') && !leaders.has(undefined);
    });
  }

  /** Who leads, in the eyes of most members. */
  async leader(): Promise<Member> {
    return poll('a leader', async () => {
      const statuses = await Promise.allSettled(this.members.map(statusOf));
      return this.members.find((_member, n) => {
        const status = statuses[n];
        return status?.status === 'fulfilled' && status.value.leader === status.value.self;
      });
    });
  }

  /** Forgets all revisions before this one, as etcd does by itself where it is told to. */
  async compact(revision: number): Promise<void> {
    await ask(this.members, '/v3/kv/compaction', { revision, physical: true });
  }

  /** Where a member lives. */
  placeOf(member: Member): Place {
    const place = this.places[this.members.indexOf(member)];
    if (place === undefined) throw new Error(`${member.name} is not of this cluster`);
    return place;
  }

  /** Ends everything and removes it. */
  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    this.#network.remove();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

interface Status {
  readonly leader: string | undefined;
  readonly self: string | undefined;
}

async function statusOf({ clientUrl }: Member): Promise<Status> {
  const answer = await post(clientUrl, '/v3/maintenance/status', {});
  const { leader, header } = answer as { leader?: string; header?: { member_id?: string } };
  return { leader, self: header?.member_id };
}

async function ask(members: readonly Member[], path: string, body: object): Promise<void> {
  await Promise.any(members.map(({ clientUrl }) => post(clientUrl, path, body)));
}

async function post(url: string, path: string, body: object): Promise<unknown> {
  const signal = AbortSignal.timeout(1_000);
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body), signal });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
