/**
 * What the journal's contract works on: effects that can be seen and taken back, and actions that
 * can be made to fail.
 */
import { initConfig, openConfig } from '../../config/cluster-config.js';
import { Journal } from '../../journal/journal.js';
import type { UndoContext, UndoEntry, UndoRegistry, UndoStack } from '../../ports/journal.js';
import type { KvStore } from '../../ports/kv-store.js';
import { ManualClock } from '../manual-clock.js';
import { SeededIds } from '../seeded-ids.js';
import { StubNodes } from '../stub-nodes.js';
import { NODE_1, WORLD } from './config-world.js';

/**
 * A store for the journal, fresh for each test.
 * @public
 */
export interface JournalFixture {
  /** The store, empty. */
  readonly store: KvStore;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** Effects on the world, and a process that makes them. */
export class JournalWorld {
  /** The effects that are there now. */
  readonly effects = new Set<string>();
  /** What was taken back, in order, tries that failed included. */
  readonly log: string[] = [];
  /** Effects that cannot be taken back at present, and how often that still fails. */
  readonly stuck = new Map<string, number>();
  /** Undo in here is given up by aborting this. */
  readonly stop = new AbortController();
  readonly clock = new ManualClock();
  readonly store: KvStore;
  readonly journal: Journal;

  constructor(store: KvStore, registry: UndoRegistry = {}) {
    this.store = store;
    this.journal = this.newProcess(store, registry);
  }

  /** A journal as a process that starts now has it. */
  newProcess(store: KvStore = this.store, registry: UndoRegistry = {}): Journal {
    const actions = { 'effect.remove': this.remove, ...registry };
    const retry = { attempts: 2, delayMs: 0 };
    return new Journal({ store, clock: this.clock, registry: actions, retry });
  }

  /** Makes an effect as operations have to: the entry first. */
  async make(undo: UndoStack, name: string): Promise<void> {
    await undo.defer(entry(name));
    this.effects.add(name);
  }

  /** What undo actions may use. */
  async context(): Promise<UndoContext> {
    const { clock, store } = this;
    const { entries } = await store.range('config/');
    if (entries.length === 0) await initConfig({ store, clock, ...WORLD });
    return {
      rpc: new StubNodes({ nodes: new Map([[NODE_1, 'node1']]), log: () => {} }),
      config: await openConfig({ store, clock, ids: new SeededIds(1) }),
      report: {
        step: () => {},
        progress: () => {},
        info: () => {},
        warn: () => {},
        offer: () => {},
        rung: () => {},
      },
      signal: this.stop.signal,
    };
  }

  /** The journal's keys. */
  async keys(): Promise<readonly string[]> {
    return (await this.store.range('journal/')).entries.map(({ key }) => key);
  }

  /** The action that takes an effect back. */
  readonly remove = async ({ name }: UndoEntry['args']): Promise<void> => {
    const effect = typeof name === 'string' ? name : '';
    const left = this.stuck.get(effect) ?? 0;
    this.log.push(effect);
    if (left > 0) {
      this.stuck.set(effect, left - 1);
      throw new Error(`${effect} is stuck`);
    }
    this.effects.delete(effect);
  };
}

/** How an effect is taken back. */
export function entry(name: string, action: string = 'effect.remove'): UndoEntry {
  return { what: `effect ${name}`, action, args: { name } };
}
