/**
 * A network between processes and their store on which nothing moves by itself: every message waits
 * until the test lets it go. So the test decides what overtakes what, what is lost, and what comes
 * late; and the same decisions lead to the same run.
 */
import { ConfigError } from '../../src/errors.js';
import type { Clock, Timer } from '../../src/ports/clock.js';
import type {
  KvChange,
  KvCompare,
  KvEntry,
  KvOp,
  KvStore,
  KvTxnResult,
} from '../../src/ports/kv-store.js';
import type { ManualClock } from '../../src/testing/manual-clock.js';

/** What becomes of a message: it passes, is lost on its way there or back, or comes too late. */
export type Fate = 'pass' | 'lost' | 'answer lost' | 'late';

export class Wire {
  readonly #held: (() => void)[] = [];
  readonly #fate: () => Fate;
  /** Without faults every message passes in the end. */
  isFaulty = true;

  constructor(fate: () => Fate) {
    this.#fate = fate;
  }

  /** How many messages wait. */
  get size(): number {
    return this.#held.length;
  }

  fate(): Fate {
    return this.isFaulty ? this.#fate() : 'pass';
  }

  /** Resolves when the test lets it. */
  pass(): Promise<void> {
    return new Promise((resolve) => this.#held.push(resolve));
  }

  /** Lets one of the waiting messages go. */
  async let(choice: number): Promise<void> {
    const [go] = this.#held.splice(choice % Math.max(1, this.#held.length), 1);
    go?.();
    await turns();
  }

  /** Lets all go, and all that follows from it; `choose` says in which order. */
  async drain(choose: () => number): Promise<void> {
    await turns();
    for (let steps = 0; this.size > 0; steps++) {
      if (steps > 100_000) throw new Error('the processes do not come to rest');
      await this.let(choose());
    }
  }
}

/** The store as one process sees it through the wire. */
export class WiredStore implements KvStore {
  readonly #store: KvStore;
  readonly #wire: Wire;
  /** How many transactions were sent. */
  sent = 0;

  constructor(store: KvStore, wire: Wire) {
    this.#store = store;
    this.#wire = wire;
  }

  async get(key: string): Promise<KvEntry | undefined> {
    return this.#ask(() => this.#store.get(key));
  }

  async range(
    prefix: string,
  ): Promise<{ readonly entries: readonly KvEntry[]; readonly revision: number }> {
    return this.#ask(() => this.#store.range(prefix));
  }

  async txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.sent++;
    return this.#ask(() => this.#store.txn(compare, ops));
  }

  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<KvChange> {
    for await (const change of this.#store.watch(prefix, after, signal)) {
      await this.#wire.pass();
      if (signal.aborted) return;
      yield change;
    }
  }

  async close(): Promise<void> {}

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    const fate = this.#wire.fate();
    await this.#wire.pass();
    if (fate === 'late') void this.#wire.pass().then(call);
    if (fate === 'lost' || fate === 'late') throw unheard();
    const answer = await call();
    await this.#wire.pass();
    if (fate === 'answer lost') throw unheard();
    return answer;
  }
}

/** A clock whose timers are messages as well: how long a pause takes is the test's choice. */
export function wiredClock(clock: ManualClock, wire: Wire): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    timer: (_, fire): Timer => {
      let isOn = true;
      void wire.pass().then(() => {
        if (isOn) fire();
      });
      return { cancel: () => void (isOn = false) };
    },
  };
}

/** Lets everything run that waits for nothing else. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

function unheard(): ConfigError {
  return new ConfigError('No answer from the store', 'io');
}
