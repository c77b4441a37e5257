/** Somebody who watches all the time: what was seen, played back, is what is there. */
import type { KvChange, KvEntry, KvStore } from '../../../src/ports/kv-store.js';
import { poll } from '../rig/poll.js';

/** A watcher of one round. */
export class Watcher {
  readonly #stop = new AbortController();
  readonly #log: KvChange[] = [];
  readonly #violations: string[] = [];
  readonly #ended: Promise<void>;
  #seen: number;

  /** Watches keys with a prefix, of which there are none at `revision`. */
  constructor(store: KvStore, prefix: string, revision: number) {
    this.#seen = revision;
    this.#ended = this.#watch(store, prefix);
  }

  /** Waits until it has seen what is there now; resolves to how many changes, and what is wrong. */
  async finish(
    range: Awaited<ReturnType<KvStore['range']>>,
  ): Promise<{ readonly changes: number; readonly violations: readonly string[] }> {
    const newest = Math.max(...range.entries.map(({ revision }) => revision));
    await poll('the watcher to see the newest change', () => Promise.resolve(this.#seen >= newest));
    this.#stop.abort();
    await this.#ended;
    // What nobody waited for any more may have been carried out after the range was read.
    const until = this.#log.filter(({ revision }) => revision <= range.revision);
    const played = JSON.stringify(playedBack(until).sort(byKey));
    const there = JSON.stringify([...range.entries].sort(byKey));
    if (played !== there) this.#violations.push(`watched ${played}, but there is ${there}`);
    return { changes: this.#log.length, violations: this.#violations };
  }

  async #watch(store: KvStore, prefix: string): Promise<void> {
    for await (const change of store.watch(prefix, this.#seen, this.#stop.signal)) {
      const { revision } = change;
      if (revision <= this.#seen) this.#violations.push(`saw ${revision} after ${this.#seen}`);
      this.#seen = revision;
      this.#log.push(change);
    }
  }
}

function playedBack(changes: readonly KvChange[]): KvEntry[] {
  const entries = new Map<string, KvEntry>();
  for (const { revision, ops } of changes) {
    for (const op of ops) {
      if (op.op === 'put') entries.set(op.key, { key: op.key, value: op.value, revision });
      else entries.delete(op.key);
    }
  }
  return [...entries.values()];
}

function byKey(a: KvEntry, b: KvEntry): number {
  return a.key < b.key ? -1 : Number(a.key > b.key);
}
