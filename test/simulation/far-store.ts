/**
 * The store as one process sees it across the network, with the promises of the port: what was
 * refused is sent again, as are questions; a change whose answer was lost is not, and the error says
 * that nobody knows.
 */
import { ConfigError } from '../../src/errors.js';
import { sleep } from '../../src/ports/clock.js';
import { joinSignals } from '../../src/ports/joined-signals.js';
import type {
  KvChange,
  KvCompare,
  KvEntry,
  KvOp,
  KvStore,
  KvTxnResult,
} from '../../src/ports/kv-store.js';
import { ask, type Line, NoAnswer } from './far-call.js';
import { FarWatch } from './far-watch.js';
import { NoLeader } from './store-server.js';

const ATTEMPT_MS = 2000;
const ATTEMPTS = 5;
const PAUSE_MS = 300;

export interface FarStoreOptions {
  /** Whether conditions about fences are left out: what would happen if nobody compared them. */
  readonly fencing: boolean;
}

export class FarStore implements KvStore {
  readonly #line: Line;
  readonly #fencing: boolean;
  readonly #closed = new AbortController();

  constructor(line: Line, { fencing }: FarStoreOptions) {
    this.#line = line;
    this.#fencing = fencing;
  }

  get(key: string): Promise<KvEntry | undefined> {
    return this.#read(() => this.#line.server.kv.get(key));
  }

  range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    return this.#read(() => this.#line.server.kv.range(prefix));
  }

  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    const conditions = this.#fencing ? compare : compare.filter(({ key }) => !isFence(key));
    const { server, machine } = this.#line;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#mustBeOpen();
      try {
        return await ask(this.#line, ATTEMPT_MS, () => server.txn(conditions, ops));
      } catch (error) {
        if (error instanceof NoAnswer) throw unknownOutcome();
        if (!(error instanceof NoLeader)) throw error;
        await sleep(machine, PAUSE_MS);
      }
    }
    throw unreachable();
  }

  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<KvChange> {
    this.#mustBeOpen();
    const { signal: closed } = this.#closed;
    const { signal: both, dispose } = joinSignals([signal, closed]);
    try {
      yield* this.#streams(prefix, after, both);
    } finally {
      dispose();
    }
  }

  /** One stream after the other, each from where the last one ended. */
  async *#streams(prefix: string, after: number, both: AbortSignal): AsyncGenerator<KvChange> {
    let seen = after;
    while (!both.aborted) {
      const watch = new FarWatch(this.#line, prefix, seen);
      const end = (): void => watch.end();
      both.addEventListener('abort', end, { once: true });
      try {
        for await (const change of watch.changes()) {
          if (both.aborted) return;
          seen = change.revision;
          yield change;
        }
      } finally {
        both.removeEventListener('abort', end);
        watch.end();
      }
      if (!both.aborted) await sleep(this.#line.machine, PAUSE_MS, both).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  async #read<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#mustBeOpen();
      try {
        return await ask(this.#line, ATTEMPT_MS, work);
      } catch (error) {
        if (!(error instanceof NoAnswer || error instanceof NoLeader)) throw error;
        if (error instanceof NoLeader) await sleep(this.#line.machine, PAUSE_MS);
      }
    }
    throw unreachable();
  }

  #mustBeOpen(): void {
    if (this.#closed.signal.aborted) throw new ConfigError('The store is closed', 'closed');
  }
}

function isFence(key: string): boolean {
  return key.startsWith('locks/fence/');
}

function unreachable(): ConfigError {
  return new ConfigError('The store cannot be reached', 'io');
}

function unknownOutcome(): ConfigError {
  return new ConfigError('The answer of the store was lost', 'io', { about: 'unknown-outcome' });
}
