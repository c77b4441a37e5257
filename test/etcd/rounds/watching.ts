/** Somebody who watches all the time: what was seen, played back, is what is there. */
import type { KvEntry, KvStore } from '../../../src/ports/kv-store.js';
import { poll } from '../rig/poll.js';

/** A watcher of one round. */
export class Watcher {
  readonly #stop = new AbortController();
  readonly #entries = new Map<string, KvEntry>();
  readonly #violations: string[] = [];
  readonly #ended: Promise<void>;
  #changes = 0;
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
    const played = JSON.stringify([...this.#entries.values()].sort(byKey));
    const there = JSON.stringify([...range.entries].sort(byKey));
    if (played !== there) this.#violations.push(`watched ${played}, but there is ${there}`);
    return { changes: this.#changes, violations: this.#violations };
  }

  async #watch(store: KvStore, prefix: string): Promise<void> {
    for await (const { revision, ops } of store.watch(prefix, this.#seen, this.#stop.signal)) {
      if (revision <= this.#seen) this.#violations.push(`saw ${revision} after ${this.#seen}`);
      this.#seen = revision;
      this.#changes += 1;
      for (const op of ops) {
        if (op.op === 'put') this.#entries.set(op.key, { key: op.key, value: op.value, revision });
        else this.#entries.delete(op.key);
      }
    }
  }
}

function byKey(a: KvEntry, b: KvEntry): number {
  return a.key < b.key ? -1 : Number(a.key > b.key);
}
