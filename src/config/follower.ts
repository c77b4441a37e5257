/**
 * Brings other processes' changes into the tables, by the store's watch.
 *
 * F1 Changes are applied in the order of their revisions, and never while a commit of this process
 *    is between its plan and its end: nothing is planned on one state and applied to another.
 * F2 A commit of this process is not applied a second time when the watch shows it.
 * F3 Who was cut off, or slept for longer than the store remembers, reads all anew and goes on.
 */
import { ConfigError } from '../errors.js';
import { type Clock, sleep } from '../ports/clock.js';
import type { KvStore } from '../ports/kv-store.js';
import { CONFIG_PREFIX } from './codec.js';
import { applyOps, applyRecords } from './stored-changes.js';
import type { Tables } from './tables.js';
import type { Turnstile } from './turnstile.js';

/** How long to leave a store alone that could not be reached, milliseconds. */
const PAUSE_MS = 1000;

/** What following needs. */
export interface FollowerParts {
  readonly store: KvStore;
  readonly tables: Tables;
  readonly turnstile: Turnstile;
  readonly clock: Clock;
  /** Told once if following ends for another reason than being stopped. */
  readonly onLost: (error: unknown) => void;
}

/** Follows the store. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #stop = new AbortController();
  readonly #own = new Set<number>();
  readonly #waiting = new Set<() => void>();
  #seen: number;
  #ended: Promise<void> | undefined;
  #alive = true;

  constructor(parts: FollowerParts, revision: number) {
    this.#parts = parts;
    this.#seen = revision;
  }

  /** Begins; resolves never, rejects never. */
  start(): void {
    this.#ended = this.#follow()
      .catch((error: unknown) => this.#parts.onLost(error))
      .finally(() => {
        this.#alive = false;
        this.#wake();
      });
  }

  /** A commit of this process, whose changes are in the tables already. */
  own(revision: number): void {
    if (revision > this.#seen) this.#own.add(revision);
  }

  /** Waits until all up to a revision is in the tables; false if following has ended. */
  reaches(revision: number): Promise<boolean> {
    return this.until(() => this.#seen >= revision);
  }

  /** Waits until the condition holds; false if following has ended, so that it may never hold. */
  async until(condition: () => boolean): Promise<boolean> {
    while (!condition()) {
      if (!this.#alive) return false;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return true;
  }

  /** Ends following; resolves when no change is being applied any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    for (let isStale = false; !this.#stop.signal.aborted; isStale = true) {
      try {
        if (isStale) await this.#reload();
        await this.#watch();
        return;
      } catch (error) {
        if (!isForgotten(error)) await this.#pauseAfter(error);
      }
    }
  }

  /** A store that cannot be reached is tried again; any other error ends following. */
  async #pauseAfter(error: unknown): Promise<void> {
    if (!(error instanceof ConfigError && error.code === 'io')) throw error;
    await sleep(this.#parts.clock, PAUSE_MS, this.#stop.signal).catch(() => undefined);
  }

  async #watch(): Promise<void> {
    const { store, tables, turnstile } = this.#parts;
    const changes = store.watch(CONFIG_PREFIX, this.#seen, this.#stop.signal);
    for await (const { revision, ops } of changes) {
      await turnstile.run(async () => {
        if (!this.#own.delete(revision)) applyOps(tables, ops, revision);
        this.#seen = revision;
      });
      this.#wake();
    }
  }

  async #reload(): Promise<void> {
    const { store, tables, turnstile } = this.#parts;
    await turnstile.run(async () => {
      const { entries, revision } = await store.range(CONFIG_PREFIX);
      applyRecords(tables, entries);
      this.#seen = revision;
      this.#own.clear();
    });
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof ConfigError && error.code === 'conflict';
}
