/** One member of etcd for as long as the example runs; real clusters have three or more. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** An etcd that runs. */
export interface Etcd {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Whether the program is installed. */
export function hasEtcd(): boolean {
  return spawnSync('etcd', ['--version']).status === 0;
}

/** Starts it in a directory and waits until it answers. */
export async function startEtcd(dir: string): Promise<Etcd> {
  const [client, peer] = [await freePort(), await freePort()];
  const [endpoint, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const words = [
    ...['--data-dir', dir, '--listen-peer-urls', peerUrl],
    ...['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint],
    ...['--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`],
  ];
  const child = spawn('etcd', words, { stdio: 'ignore' });
  const stop = (): Promise<void> => end(child);
  try {
    await healthy(endpoint, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

async function healthy(endpoint: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    const answer = await fetch(`${endpoint}/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    await wait(50);
  }
  throw new Error(`etcd does not answer at ${endpoint}; run it by hand to see why`);
}

/** Ends a program, and waits until it is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(port ?? 0));
    });
  });
}
