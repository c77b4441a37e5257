/**
 * Where members live: on loopback, or each in a network namespace of its own, which can be cut off
 * like a machine whose cable is pulled: nothing answers, and no connection is refused.
 */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

/** A member's place. */
export interface Place {
  /** Words that run a program there. */
  readonly within: readonly string[];
  readonly address: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Cuts it off from everybody, or not. */
  cut(isCut: boolean): void;
}

/** A network of members. */
export interface Network {
  readonly places: readonly Place[];
  remove(): void;
}

/** Ports of the loopback device. */
export async function loopback(count: number): Promise<Network> {
  const places: Place[] = [];
  for (let n = 0; n < count; n++) {
    const [clientPort, peerPort] = [await freePort(), await freePort()];
    const cut = (): void => {
      throw new Error('Nobody can be cut off on loopback');
    };
    places.push({ within: [], address: '127.0.0.1', clientPort, peerPort, cut });
  }
  return { places, remove: () => {} };
}

/** Why there can be no namespaces here; `undefined` if there can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root can make them';
  const name = `lu-try-${process.pid}`;
  const made = ip(`netns add ${name}`) ?? ip(`link add luv${process.pid} type bridge`);
  ip(`link del luv${process.pid}`);
  ip(`netns del ${name}`);
  return made;
}

/** Namespaces on a bridge. */
export function namespaces(count: number): Network {
  removeOrphans();
  const id = process.pid;
  const bridge = `lub${id}`;
  // A net of our own in 10.128.0.0/9, told apart from other runs by the process.
  const net = `10.${128 + ((id >> 6) % 128)}.${id % 64}`;
  const remove = (): void => {
    for (let n = 0; n < count; n++) ip(`netns del lu-etcd-${id}-${n}`);
    ip(`link del ${bridge}`);
  };
  process.once('exit', remove);
  must(`link add ${bridge} type bridge`);
  must(`addr add ${net}.254/24 dev ${bridge}`);
  must(`link set ${bridge} up`);
  const places = Array.from({ length: count }, (_none, n): Place => {
    const [name, outer] = [`lu-etcd-${id}-${n}`, `luv${id}-${n}`];
    must(`netns add ${name}`);
    must(`link add ${outer} type veth peer name eth0 netns ${name}`);
    must(`link set ${outer} master ${bridge} up`);
    must(`-n ${name} addr add ${net}.${n + 1}/24 dev eth0`);
    must(`-n ${name} link set eth0 up`);
    must(`-n ${name} link set lo up`);
    const cut = (isCut: boolean): void =>
      must(`link set ${outer} ${isCut ? 'nomaster' : `master ${bridge}`}`);
    const within = ['ip', 'netns', 'exec', name];
    return { within, address: `${net}.${n + 1}`, clientPort: 2379, peerPort: 2380, cut };
  });
  return { places, remove };
}

/** What runs that were killed have left. */
function removeOrphans(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const [name, pid] of stdout.matchAll(/^lu-etcd-(\d+)-\d+/gm)) {
    if (isRunning(Number(pid))) continue;
    ip(`netns del ${name}`);
    ip(`link del lub${pid}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function must(words: string): void {
  const failure = ip(words);
  if (failure !== undefined) throw new Error(`ip ${words}: ${failure}`);
}

/** Runs `ip`; says why it failed, if it did. */
function ip(words: string): string | undefined {
  const { status, stderr, error } = spawnSync('ip', words.split(' '), { encoding: 'utf8' });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : stderr.trim() || `status ${status}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
