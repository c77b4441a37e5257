/**
 * Connects to the side that receives. Without encryption that is on this machine, wherever it is
 * said to be: who receives in the clear listens nowhere else.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock, sleep } from '../../ports/clock.js';
import { systemReason } from '../paths/errno.js';
import { Refusal } from '../storage/attempt.js';
import { Connection } from './connection.js';
import type { TlsIdentity } from './node-keys.js';
import { RecordTap } from './record-tap.js';

/** Where to, and how. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly identity: TlsIdentity | undefined;
}

const LOOPBACK = '127.0.0.1';
const RETRY_MS = 1000;

/**
 * Connects; tries again each second, until the signal fires: then it rejects with `Refusal`, which
 * tells what the last try came to.
 */
export async function connect(
  target: Target,
  clock: Clock,
  signal: AbortSignal,
): Promise<Connection> {
  for (;;) {
    try {
      return await tryOnce(target, signal);
    } catch (error) {
      if (!signal.aborted) await sleep(clock, RETRY_MS, signal).catch(() => undefined);
      if (signal.aborted) throw unreached(target, error);
    }
  }
}

async function tryOnce({ host, port, identity }: Target, signal: AbortSignal): Promise<Connection> {
  const socket = connectTcp({ port, host: identity === undefined ? LOOPBACK : host });
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await happens(socket, 'connect');
    if (identity === undefined) return new Connection({ socket, stream: socket });
    return await encrypted(socket, identity);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function encrypted(socket: Socket, identity: TlsIdentity): Promise<Connection> {
  const { key, certificate, authority } = identity;
  const tap = new RecordTap(socket);
  const stream = connectTls({
    socket: tap,
    key,
    cert: certificate,
    ca: [authority],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    // It is the certificate that was agreed upon, whatever name it has.
    checkServerIdentity: () => undefined,
  });
  await happens(stream, 'secureConnect');
  return new Connection({ socket, stream, tap });
}

/** Rejects if the stream fails or closes before. */
function happens(stream: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once(event, () => resolve());
    stream.on('error', reject);
    stream.once('close', () => reject(new Refusal('the connection was closed')));
  });
}

function unreached({ host, port, identity }: Target, error: unknown): Refusal {
  const where = `${identity === undefined ? LOOPBACK : host}, port ${port}`;
  const why = systemReason(error) ?? (error instanceof Error ? error.message : String(error));
  return new Refusal(`nobody receives at ${where}: ${why}`, { cause: error });
}
