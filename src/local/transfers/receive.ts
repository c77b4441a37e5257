/**
 * The receiving side: waits for its sender, then lets everything that comes flow to its end.
 */
import type { Clock } from '../../ports/clock.js';
import type { TransferOptions } from '../../ports/transfer.js';
import { Refusal } from '../storage/attempt.js';
import type { Compression } from './compression.js';
import { withinConnectTime } from './connect-limit.js';
import { Daemon } from './daemon.js';
import type { Sink } from './end.js';
import { Listener, type Sender } from './listener.js';
import { Meter } from './meter.js';
import type { TlsIdentity } from './node-keys.js';
import { goodbyeOf, untilGoodbye } from './word.js';

/** What a receiver needs. The sink is its own from now on. */
export interface Receiving {
  readonly options: TransferOptions;
  readonly sink: Sink;
  readonly compression: Compression;
  readonly identity: TlsIdentity | undefined;
  readonly clock: Clock;
}

/** Listens, then works on by itself. If it cannot listen, the sink is closed. */
export async function startReceiver(receiving: Receiving): Promise<Daemon> {
  const { options, sink, compression, identity, clock } = receiving;
  const meter = new Meter(clock, sink.expectedBytes);
  const daemon = new Daemon(meter);
  const { signal } = daemon;
  const strangers: string[] = [];
  const onStranger = (why: string): void => {
    strangers.push(why);
    daemon.say(`somebody was turned away: ${why}`);
  };
  try {
    const welcome = { options, identity, expand: compression.expand, signal, onStranger };
    const listener = await Listener.open(welcome);
    const work = async (): Promise<void> => {
      try {
        const sender = await awaited(listener, strangers, daemon, receiving);
        await receive(sender, meter, daemon, receiving);
      } finally {
        await listener.close();
        await sink.close();
      }
    };
    daemon.begin(work, { port: listener.port });
    return daemon;
  } catch (error) {
    await sink.close();
    throw error;
  }
}

function awaited(
  listener: Listener,
  strangers: readonly string[],
  daemon: Daemon,
  { options: { connectTimeoutS }, clock }: Receiving,
): Promise<Sender> {
  return withinConnectTime({ clock, daemon, connectTimeoutS }, (signal) => {
    const late = new Promise<never>((_resolve, reject) => {
      const give = (): void => reject(nobody(connectTimeoutS, strangers));
      if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
    });
    return Promise.race([listener.sender(), late]);
  });
}

function nobody(seconds: number, strangers: readonly string[]): Refusal {
  const last = strangers.at(-1);
  const others = last === undefined ? '' : `, but ${strangers.length} who was not meant: ${last}`;
  return new Refusal(`nobody has connected within ${seconds} seconds${others}`);
}

async function receive(
  { connection, contents, end }: Sender,
  meter: Meter,
  { signal }: Daemon,
  { sink, identity, options: { magic } }: Receiving,
): Promise<void> {
  const stop = (): void => connection.reset();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const whole = identity === undefined ? untilGoodbye(contents, magic) : contents;
    await sink.take(meter.counted(whole), signal);
    await connection.close(goodbyeOf(magic));
  } finally {
    signal.removeEventListener('abort', stop);
    await end();
  }
}
