/**
 * How far a transfer has come: what was counted, how fast it goes, how long it will take. Speed is
 * that of the last minute, as in Ganeti, so that a pause shows.
 */
import type { Clock } from '../../ports/clock.js';
import type { TransferStatus } from '../../ports/transfer.js';
import type { Bytes } from '../process/run-fed.js';

const MIB = 1024 * 1024;
const WINDOW_MS = 60_000;
/** How often a sample is kept. */
const SAMPLE_MS = 1000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Counts the contents of one transfer. */
export class Meter {
  readonly #clock: Clock;
  readonly #expectedBytes: number | undefined;
  #samples: readonly Sample[] = [];
  #bytes = 0;

  /** @param expectedBytes - how much it will be, if that is known. */
  constructor(clock: Clock, expectedBytes?: number) {
    this.#clock = clock;
    this.#expectedBytes = expectedBytes;
  }

  /** The same stream, counted. */
  async *counted(bytes: Bytes): Bytes {
    this.#sample();
    for await (const chunk of bytes) {
      this.#bytes += chunk.length;
      this.#sample();
      yield chunk;
    }
  }

  /** What is known now. */
  progress(): Pick<TransferStatus, 'mib' | 'mibPerS' | 'percent' | 'etaS'> {
    const [first] = this.#samples;
    if (first === undefined) return {};
    const elapsedMs = this.#clock.monotonic() - first.atMs;
    const perMs = elapsedMs > 0 ? (this.#bytes - first.bytes) / elapsedMs : undefined;
    return {
      mib: this.#bytes / MIB,
      ...(perMs === undefined ? {} : { mibPerS: (perMs * 1000) / MIB }),
      ...this.#forecast(perMs),
    };
  }

  #forecast(perMs: number | undefined): Pick<TransferStatus, 'percent' | 'etaS'> {
    const total = this.#expectedBytes;
    if (total === undefined || total === 0) return {};
    const left = Math.max(0, total - this.#bytes);
    const percent = Math.min(100, (this.#bytes / total) * 100);
    return perMs === undefined || perMs === 0
      ? { percent }
      : { percent, etaS: left / perMs / 1000 };
  }

  #sample(): void {
    const atMs = this.#clock.monotonic();
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < SAMPLE_MS) return;
    const recent = this.#samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS);
    this.#samples = [...recent, { atMs, bytes: this.#bytes }];
  }
}
