/**
 * One side of one transfer, at work. Its state is what its node tells of it.
 *
 * T1 it ends by itself, or when it is told to; either way it has an exit status then, and none
 *    before;
 * T2 when it has ended, nothing of it is left: no socket, no program, no open file.
 */
import type { TransferStatus } from '../../ports/transfer.js';
import { Tail } from '../process/output.js';
import { printable } from '../process/printable.js';
import { BrokenOff } from './broken-off.js';
import type { Meter } from './meter.js';
import { reasonOf } from './reason.js';

/** A daemon. It does nothing until it is given its work. */
export class Daemon {
  readonly #meter: Meter;
  readonly #stop = new AbortController();
  readonly #output = new Tail();
  #ended: Promise<void> = Promise.resolve();
  #facts: Omit<TransferStatus, 'output'> = { connected: false };

  /** @param meter - counts what it carries. */
  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Fires when it is to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Works from now on; `work` rejects if it fails. */
  begin(work: () => Promise<void>, facts: { readonly port?: number } = {}): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#ended = work().then(
      () => this.#end({ exitStatus: 0 }),
      (error: unknown) => this.#end({ exitStatus: 1, ...this.#flawOf(error) }),
    );
  }

  /** To be told when the other side was found. */
  connected(): void {
    this.#facts = { ...this.#facts, connected: true };
  }

  /** Adds a line to its output. */
  say(line: string): void {
    this.#output.write(Buffer.from(`${printable(line)}\n`));
  }

  /** How far it has come. */
  status(): TransferStatus {
    return { ...this.#facts, ...this.#meter.progress(), output: this.#output.lines() };
  }

  /** Tells it to stop. One that has ended is as it was. */
  abort(): void {
    this.#stop.abort();
  }

  /** Stops it, and waits until nothing of it is left. */
  async end(): Promise<void> {
    this.abort();
    await this.#ended;
  }

  #flawOf(error: unknown): Pick<TransferStatus, 'error' | 'brokenOff'> {
    if (this.signal.aborted) return { error: 'it was told to stop' };
    return { error: reasonOf(error), ...(error instanceof BrokenOff ? { brokenOff: true } : {}) };
  }

  #end(facts: Partial<TransferStatus>): void {
    this.#facts = { ...this.#facts, ...facts };
  }
}
