/**
 * The other side is Ganeti's own daemon for imports and exports, unmodified, where it is installed:
 * it sends to us, and receives from us, as it does between clusters.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { makeNodeKey } from '../../../src/local/transfers/certificate.js';
import type { TransferOptions } from '../../../src/ports/transfer.js';
import { openTransfers, type TransferLab } from './lab.js';

const DAEMON = '/usr/lib/ganeti/import-export';
/** Polls of its state; each takes 50 ms at least. */
const MOST_POLLS = 400;

interface Pair {
  readonly opened: TransferLab;
  /** What our side is told. */
  readonly options: TransferOptions;
  /** Starts the daemon, with what both its modes want. */
  run(mode: string, ...args: readonly string[]): ChildProcess;
}

async function openPair(compress: string): Promise<Pair> {
  const opened = await openTransfers();
  onTestFinished(() => opened.dispose());
  const path = (name: string): string => join(opened.dir, name);
  const made = await opened.rpc.createCertificate(opened.node, { validityS: 3600 });
  const ours = made.ok ? made.payload : { keyName: '', certificate: '' };
  const theirs = await makeNodeKey({
    name: 'ganeti.example.com',
    fromMs: Date.now() - 1000,
    validityS: 3600,
  });
  await writeFile(path('key'), theirs.key);
  await writeFile(path('cert'), theirs.certificate);
  await writeFile(path('ca'), ours.certificate);
  const magic = '0123456789abcdef';
  const common = [
    ...['key', 'cert', 'ca'].map((name) => `--${name}=${path(name)}`),
    '--ipv4',
    `--compress=${compress}`,
    `--magic=${magic}`,
    '--connect-timeout=20',
  ];
  const { keyName } = ours;
  return {
    opened,
    options: { compress, magic, connectTimeoutS: 20, keyName, authority: theirs.certificate },
    run: (mode, ...args) =>
      spawn(DAEMON, [path('status'), mode, ...common, ...args], { stdio: 'ignore' }),
  };
}

/** Where the daemon listens. */
async function portOf({ opened }: Pair): Promise<number> {
  for (let poll = 0; poll < MOST_POLLS; poll += 1) {
    const text = await readFile(join(opened.dir, 'status'), 'utf8').catch(() => '{}');
    const { listen_port: port } = JSON.parse(text) as { readonly listen_port?: number | null };
    if (typeof port === 'number') return port;
    await delay(50);
  }
  throw new Error('it does not listen');
}

/** Where the daemon is not installed these count as skipped. */
const whereInstalled = test.skipIf(!existsSync(DAEMON));

whereInstalled.each(['none', 'gzip'])(
  'should receive from it, compression %s',
  async (compress) => {
    const pair = await openPair(compress);
    const { opened, options } = pair;
    const reply = await opened.receive({ kind: 'disk', disk: opened.disk, leastMib: 3 }, options);
    const daemon = reply.ok ? reply.payload : '';
    const { port = 0 } = await opened.status(daemon);
    const target = ['--host=127.0.0.1', `--port=${port}`, '--connect-retries=3'];
    const sender = pair.run('export', ...target, `--cmd-suffix=< ${opened.exported.dump}`);
    expect(await once(sender, 'exit')).toEqual([0, null]);
    expect(await opened.ended(daemon)).toMatchObject({ exitStatus: 0, connected: true, mib: 3 });
    expect((await opened.read()).equals(opened.contents)).toBe(true);
  },
);

whereInstalled('should send to it', async () => {
  const pair = await openPair('gzip');
  const { opened, options } = pair;
  const received = join(opened.dir, 'received');
  const receiver = pair.run('import', `--cmd-suffix=> ${received}`);
  const file = { kind: 'file', path: opened.exported.dump } as const;
  const reply = await opened.send(file, await portOf(pair), options);
  expect(await once(receiver, 'exit')).toEqual([0, null]);
  expect(await opened.ended(reply.ok ? reply.payload : '')).toMatchObject({ exitStatus: 0 });
  expect((await readFile(received)).equals(opened.contents)).toBe(true);
});
