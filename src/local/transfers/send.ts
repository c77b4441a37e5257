/**
 * The sending side: connects, says the word, and sends everything that its end has.
 */
import type { Clock } from '../../ports/clock.js';
import type { TransferOptions } from '../../ports/transfer.js';
import type { Compression } from './compression.js';
import { connect, type Target } from './connect.js';
import { withinConnectTime } from './connect-limit.js';
import { Daemon } from './daemon.js';
import type { Source } from './end.js';
import { Meter } from './meter.js';
import { goodbyeOf, withGoodbye, withWord } from './word.js';

/** What a sender needs. The source is its own from now on. */
export interface Sending {
  readonly options: TransferOptions;
  readonly source: Source;
  readonly compression: Compression;
  readonly target: Target;
  readonly clock: Clock;
}

/** Works by itself from now on. */
export function startSender(sending: Sending): Daemon {
  const meter = new Meter(sending.clock, sending.source.expectedBytes);
  const daemon = new Daemon(meter);
  daemon.begin(async () => {
    try {
      await send(sending, meter, daemon);
    } finally {
      await sending.source.close();
    }
  });
  return daemon;
}

async function send(
  { options, source, compression, target, clock }: Sending,
  meter: Meter,
  daemon: Daemon,
): Promise<void> {
  const { signal } = daemon;
  const { connectTimeoutS, magic } = options;
  const connection = await withinConnectTime({ clock, daemon, connectTimeoutS }, (limit) =>
    connect(target, clock, limit),
  );
  const stop = (): void => connection.reset();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const contents = meter.counted(source.bytes(signal));
    const whole = target.identity === undefined ? withGoodbye(contents, magic) : contents;
    const stream = compression.compress(withWord(whole, magic), signal);
    await connection.send(stream, goodbyeOf(magic));
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', stop);
    connection.reset();
  }
}
