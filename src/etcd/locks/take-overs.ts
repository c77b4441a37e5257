/**
 * Finishes what owners began whose processes are gone. Who is taken over is decided in the table;
 * this calls the handler, again if it fails, and gives the locks back when it is done.
 */
import { type Clock, sleep } from '../../ports/clock.js';
import type { OwnerId, TakeOver } from '../../ports/lock-manager.js';

/** How long to wait before a handler that failed is called again, milliseconds; it doubles. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** What taking over needs. */
export interface TakeOverParts {
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Gives all of an owner back; resolves when that counts. */
  readonly giveBack: (owner: OwnerId) => Promise<void>;
}

export class TakeOvers {
  readonly #parts: TakeOverParts;
  readonly #handlers = new Set<{ readonly handler: TakeOver }>();
  readonly #running = new Set<OwnerId>();
  /** For owners that are being taken care of when nobody asks for more. */
  #last: TakeOver | undefined;

  constructor(parts: TakeOverParts) {
    this.#parts = parts;
  }

  /** Whether somebody asks for owners to be taken over. */
  get isWanted(): boolean {
    return this.#handlers.size > 0;
  }

  /** Calls the handler from now on; the answer ends it. */
  add(handler: TakeOver): () => void {
    const entry = { handler };
    this.#handlers.add(entry);
    this.#last = handler;
    return () => void this.#handlers.delete(entry);
  }

  /** An owner is this process's now. Twice is harmless. */
  begin(owner: OwnerId): void {
    if (this.#running.has(owner)) return;
    this.#running.add(owner);
    void this.#finish(owner);
  }

  /** Never rejects: what goes wrong in a handler is the handler's to tell. */
  async #finish(owner: OwnerId): Promise<void> {
    const { clock, signal, giveBack } = this.#parts;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; ) {
      if (await this.#call(owner)) {
        await giveBack(owner);
        break;
      }
      await sleep(clock, pauseMs, signal).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    this.#running.delete(owner);
  }

  async #call(owner: OwnerId): Promise<boolean> {
    const [current] = this.#handlers;
    try {
      await (current?.handler ?? this.#last)?.(owner);
      return true;
    } catch {
      return false;
    }
  }
}
