/** What goes over the wire: who is let in, compression, encryption, time limits. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { makeNodeKey, type NodeKey } from '../../../src/local/transfers/certificate.js';
import type { LocalNodeOptions } from '../../../src/local/local-node-options.js';
import type { TransferOptions } from '../../../src/ports/transfer.js';
import { HandClock } from '../process/hand-clock.js';
import { openDescriptors } from '../process/scratch.js';
import { openTransfers, type TransferLab } from './lab.js';

async function lab(options: Partial<LocalNodeOptions> = {}): Promise<TransferLab> {
  const opened = await openTransfers(options);
  onTestFinished(() => opened.dispose());
  return opened;
}

interface Receiver {
  readonly name: string;
  readonly port: number;
}

async function receiver(
  { receive, status, disk }: TransferLab,
  options: Partial<TransferOptions> = {},
): Promise<Receiver> {
  const reply = await receive({ kind: 'disk', disk }, options);
  if (!reply.ok) throw new Error(reply.message);
  const { port = 0 } = await status(reply.payload);
  return { name: reply.payload, port };
}

/** Sends the export's file; whether both sides were content, and the disk is. */
async function isCarried(
  opened: TransferLab,
  { name, port }: Receiver,
  options: Partial<TransferOptions> = {},
): Promise<void> {
  const sender = await opened.send({ kind: 'file', path: opened.exported.dump }, port, options);
  if (!sender.ok) throw new Error(sender.message);
  const ends = [await opened.ended(name), await opened.ended(sender.payload)];
  expect(ends.map(({ exitStatus, error }) => error ?? exitStatus)).toEqual([0, 0]);
  expect((await opened.read()).equals(opened.contents)).toBe(true);
}

/** Resolves when it is closed, however that came. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Says something to a receiver, and waits until it has closed. */
async function knock(port: number, words: Uint8Array | string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  const closed = closing(socket);
  socket.end(words);
  socket.resume();
  await closed;
}

test('given strangers, when the sender comes, then they have done no harm', async () => {
  const opened = await lab();
  const awaited = await receiver(opened);
  const silent: Socket = connect({ port: awaited.port, host: '127.0.0.1' });
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  await knock(awaited.port, 'GET / HTTP/1.1\r\n\r\n');
  await knock(awaited.port, 'M=wor');
  await knock(awaited.port, '');
  expect(await opened.status(awaited.name)).toMatchObject({
    connected: false,
    output: [
      'somebody was turned away: it does not know the word of this transfer',
      'somebody was turned away: it ended before it had said the word',
      'somebody was turned away: it ended before it had said the word',
    ],
  });
  const closed = closing(silent);
  await isCarried(opened, awaited);
  await closed;
});

test('should listen to this machine only, and to nobody once it has its sender', async () => {
  const opened = await lab();
  const awaited = await receiver(opened);
  const listening = await readFile('/proc/net/tcp', 'latin1');
  const port = awaited.port.toString(16).toUpperCase().padStart(4, '0');
  expect(listening).toMatch(new RegExp(` 0100007F:${port} 00000000:0000 0A `));
  await isCarried(opened, awaited);
  expect(await readFile('/proc/net/tcp', 'latin1')).not.toMatch(new RegExp(`:${port} \\S+ 0A `));
});

test.each(['gzip', 'gzip-fast', 'gzip-slow'])('should carry contents with %s', async (compress) => {
  const opened = await lab();
  await isCarried(opened, await receiver(opened, { compress }), { compress });
});

test('should carry contents with a compression program of this machine', async (ctx) => {
  const compress = ['zstd', 'lz4', 'bzip2', 'xz'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (compress === undefined) return ctx.skip('there is no such program here');
  const before = await openDescriptors();
  const opened = await lab();
  await isCarried(opened, await receiver(opened, { compress }), { compress });
  expect(await openDescriptors()).toBe(before);
});

test.each([
  ['lzop-of-nowhere', /program 'lzop-of-nowhere' is not in \S+, \S+, \S+; install it or name/],
  ['../bin/sh', /'\.\.\/bin\/sh' is no name of a compression program/],
  ['-x', /'-x' is no name of a compression program/],
  ['constructor', /compression program 'constructor' is not in/],
])('given the compression %j, then both sides refuse it', async (compress, says) => {
  const opened = await lab();
  const { disk, exported } = opened;
  const replies = [
    await opened.receive({ kind: 'disk', disk }, { compress }),
    await opened.send({ kind: 'file', path: exported.dump }, 1, { compress }),
  ];
  for (const reply of replies) expect(reply.ok ? '' : reply.message).toMatch(says);
});

test('given a sender that compresses otherwise, then it is turned away', async () => {
  const clock = new HandClock();
  const opened = await lab({ clock });
  const awaited = await receiver(opened, { compress: 'gzip' });
  const sender = await opened.send({ kind: 'file', path: opened.exported.dump }, awaited.port);
  expect((await opened.ended(sender.ok ? sender.payload : '')).error).toMatch(/has broken off/);
  clock.pass(60_000);
  expect((await opened.ended(awaited.name)).error).toBe(
    'nobody has connected within 60 seconds, but 1 who was not meant: ' +
      'what comes is no gzip stream, or not all of it',
  );
  expect(clock.pending).toBe(0);
});

test('given a compressed stream that is cut short, then it is an error', async () => {
  const opened = await lab();
  const awaited = await receiver(opened, { compress: 'gzip' });
  const whole = gzipSync(Buffer.concat([Buffer.from('M=word'), opened.contents]));
  await knock(awaited.port, whole.subarray(0, whole.length - 8));
  expect((await opened.ended(awaited.name)).error).toBe(
    'what comes is no gzip stream, or not all of it',
  );
});

test('given nobody who receives, then the sender tries until its time is up', async () => {
  const clock = new HandClock();
  const opened = await lab({ clock });
  const { port, name } = await receiver(opened);
  await opened.rpc.cleanTransfer(opened.node, { daemon: name });
  const sender = await opened.send({ kind: 'file', path: opened.exported.dump }, port);
  const daemon = sender.ok ? sender.payload : '';
  for (let second = 0; second < 3; second += 1) {
    await clock.set(1000);
    clock.pass(1000);
  }
  await clock.set(1000);
  expect(await opened.status(daemon)).toMatchObject({ connected: false });
  clock.pass(60_000);
  expect((await opened.ended(daemon)).error).toBe(
    `nobody receives at 127.0.0.1, port ${port}: the system answers ECONNREFUSED`,
  );
  expect(clock.pending).toBe(0);
});

interface Secured {
  readonly opened: TransferLab;
  readonly awaited: Receiver;
  /** The other side's. */
  readonly key: NodeKey;
  /** The receiver's. */
  readonly certificate: string;
}

/** A receiver that believes one other certificate. */
async function secured(clock?: HandClock): Promise<Secured> {
  const opened = await lab(clock === undefined ? {} : { clock });
  const reply = await opened.rpc.createCertificate(opened.node, { validityS: 3600 });
  if (!reply.ok) throw new Error(reply.message);
  const { keyName, certificate } = reply.payload;
  // Since a while ago: the platform checks by a clock that may be some milliseconds behind.
  const fromMs = (clock?.now() ?? Date.now()) - 60_000;
  const key = await makeNodeKey({ name: 'other.example.com', fromMs, validityS: 3600 });
  const awaited = await receiver(opened, { keyName, authority: key.certificate });
  return { opened, awaited, key, certificate };
}

test('should carry contents encrypted, each side knowing the other', async () => {
  const opened = await lab();
  const pair = [];
  for (const validityS of [600, 600]) {
    const made = await opened.rpc.createCertificate(opened.node, { validityS });
    if (made.ok) pair.push(made.payload);
  }
  const [ours, theirs] = pair;
  const options = { keyName: ours?.keyName ?? '', authority: theirs?.certificate ?? '' };
  const awaited = await receiver(opened, options);
  const sending = { keyName: theirs?.keyName ?? '', authority: ours?.certificate ?? '' };
  await isCarried(opened, awaited, sending);
});

test('given an encrypted receiver that fails, then its sender does', async () => {
  const opened = await lab();
  const made = await opened.rpc.createCertificate(opened.node, { validityS: 600 });
  const { keyName, certificate } = made.ok ? made.payload : { keyName: '', certificate: '' };
  const options = { keyName, authority: certificate };
  const awaited = await receiver(opened, options);
  await writeFile(opened.exported.dump, Buffer.alloc(4 * 1024 * 1024));
  const sender = await opened.send(
    { kind: 'file', path: opened.exported.dump },
    awaited.port,
    options,
  );
  expect((await opened.ended(awaited.name)).error).toMatch(/^the contents exceed/);
  expect((await opened.ended(sender.ok ? sender.payload : '')).error).toMatch(/broken off/);
});

test('given a sender with a certificate of somebody else, then it is turned away', async () => {
  const { opened, awaited, certificate } = await secured();
  const stranger = await makeNodeKey({ name: 'x', fromMs: Date.now(), validityS: 60 });
  await encrypted(awaited.port, stranger, certificate, 'M=word').catch(() => undefined);
  await knock(awaited.port, 'M=word');
  const { connected, exitStatus, output } = await opened.status(awaited.name);
  expect([connected, exitStatus, output.length]).toEqual([false, undefined, 2]);
});

test('given clocks that are two minutes apart, then a certificate that was just made is good', async () => {
  const { certificate } = await secured();
  const { validFrom, validTo } = new X509Certificate(certificate);
  expect(Date.parse(validFrom)).toBeLessThan(Date.now() - 120_000);
  expect(Date.parse(validTo)).toBeGreaterThan(Date.now() + 3_590_000);
});

test('given an encrypted stream that is cut off, then it is an error, however it is', async () => {
  for (const cut of ['fin', 'reset'] as const) {
    const { opened, awaited, key, certificate } = await secured();
    const sent = encrypted(awaited.port, key, certificate, 'M=word and a part', cut);
    await sent.catch(async (error: unknown) => {
      const { output } = await opened.status(awaited.name);
      throw new Error(`turned away: ${output.join('; ')}`, { cause: error });
    });
    expect((await opened.ended(awaited.name)).error).toMatch(/^the other side has broken off/);
  }
});

test('given an encrypted stream that is ended in good order, then it is whole', async () => {
  const { opened, awaited, key, certificate } = await secured();
  await encrypted(awaited.port, key, certificate, 'M=wordwhole');
  expect(await opened.ended(awaited.name)).toMatchObject({ exitStatus: 0, connected: true });
  expect((await opened.read()).subarray(0, 5).toString()).toBe('whole');
});

/** Sends something as another cluster would, and waits until the connection is closed. */
async function encrypted(
  port: number,
  key: NodeKey,
  authority: string,
  text: string,
  cut?: 'fin' | 'reset',
): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  const closed = closing(socket);
  const stream = connectTls({
    socket,
    key: key.key,
    cert: key.certificate,
    ca: [authority],
    checkServerIdentity: () => undefined,
  });
  stream.on('error', () => undefined);
  socket.on('error', () => undefined);
  await Promise.race([once(stream, 'secureConnect'), closed]);
  await new Promise((resolve) => stream.write(text, resolve));
  if (cut === 'reset') socket.resetAndDestroy();
  else if (cut === 'fin') socket.destroy();
  else stream.end();
  stream.resume();
  await closed;
}

test('given half of what encryption needs, or an unknown key, then it is refused', async () => {
  const opened = await lab();
  const { disk } = opened;
  const replies = [
    await opened.receive({ kind: 'disk', disk }, { keyName: 'x' }),
    await opened.receive({ kind: 'disk', disk }, { authority: 'x' }),
    await opened.receive({ kind: 'disk', disk }, { authority: 'x', keyName: 'x509-1-2-3' }),
  ];
  expect(replies.map((reply) => (reply.ok ? '' : reply.message.split(': ')[1]))).toEqual([
    'encryption needs both a key and an authority; give both, or neither',
    'encryption needs both a key and an authority; give both, or neither',
    "this node has no key 'x509-1-2-3'; make one with createCertificate",
  ]);
});

/** Ganeti sends with socat; where it is installed, it has to get on with us. */
test('should receive what socat sends, encrypted', async (ctx) => {
  if (spawnSync('socat', ['-V']).status !== 0) return ctx.skip('socat is not installed');
  const { opened, awaited, key, certificate } = await secured();
  const path = (name: string): string => join(opened.dir, name);
  await writeFile(path('key'), key.key);
  await writeFile(path('cert'), key.certificate);
  await writeFile(path('ca'), certificate);
  const options = `verify=1,key=${path('key')},cert=${path('cert')},cafile=${path('ca')}`;
  const name = 'openssl-commonname=ganeti.example.com';
  const target = `OPENSSL:127.0.0.1:${awaited.port},${options},${name}`;
  const socat: ChildProcess = spawn('socat', ['-u', 'stdin', target], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  socat.stdin?.write('M=word');
  socat.stdin?.end(opened.contents);
  await once(socat, 'exit');
  expect(await opened.ended(awaited.name)).toMatchObject({ exitStatus: 0 });
  expect((await opened.read()).equals(opened.contents)).toBe(true);
});
