/**
 * Follows a part of the store: what was read once is kept up to date by a watch. After a compaction
 * it is read again.
 */
import { ConfigError } from '../../errors.js';
import { type Clock, sleep } from '../../ports/clock.js';
import type { KvChange, KvEntry, KvStore } from '../../ports/kv-store.js';

/** How long to wait after a failure, milliseconds: twice as long after each, up to a limit. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** What is followed, and who is told. */
export interface FollowParts {
  readonly kv: KvStore;
  readonly clock: Clock;
  readonly prefix: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Takes what was read; false if it is older than what is known. */
  readonly load: (entries: readonly KvEntry[]) => boolean;
  readonly apply: (change: KvChange) => void;
}

/** Reads everything; answers the revision from which to watch on. */
export async function readAll({ kv, prefix, load }: FollowParts): Promise<number> {
  for (;;) {
    const { entries, revision } = await kv.range(prefix);
    if (load(entries)) return revision;
  }
}

/** Follows from a revision on. Resolves when the signal fires; rejects if it cannot go on. */
export async function follow(parts: FollowParts, revision: number): Promise<void> {
  const { kv, prefix, signal, apply } = parts;
  let seen = revision;
  for (let pause = new Pause(parts); !signal.aborted; ) {
    try {
      for await (const change of kv.watch(prefix, seen, signal)) {
        apply(change);
        seen = change.revision;
        pause = new Pause(parts);
      }
      if (!signal.aborted) throw new ConfigError('The store was closed; open it again', 'closed');
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      if (isForgotten(error)) seen = await reread(parts);
      else await pause.take();
    }
  }
}

/** Pauses that grow. */
export class Pause {
  readonly #parts: Pick<FollowParts, 'clock' | 'signal'>;
  #ms = FIRST_PAUSE_MS;

  constructor(parts: Pick<FollowParts, 'clock' | 'signal'>) {
    this.#parts = parts;
  }

  /** Waits; ends early if the signal fires. */
  async take(): Promise<void> {
    const { clock, signal } = this.#parts;
    await sleep(clock, this.#ms, signal).catch(() => undefined);
    this.#ms = Math.min(2 * this.#ms, LONGEST_PAUSE_MS);
  }
}

/** Whether trying again is of no use: the store is closed, or what it holds is damaged. */
export function isFinal(error: unknown): boolean {
  return !(error instanceof ConfigError) || error.code === 'closed' || error.code === 'corrupt';
}

async function reread(parts: FollowParts): Promise<number> {
  for (const pause = new Pause(parts); ; ) {
    try {
      return await readAll(parts);
    } catch (error) {
      if (isFinal(error) || parts.signal.aborted) throw error;
      await pause.take();
    }
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof ConfigError && error.code === 'conflict';
}
