/**
 * Answers of the store that are lost, at each transaction of an operation in turn: the operation
 * finds out what became of it, and goes on.
 */
import { expect, test } from 'vitest';
import type { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { ConfigError } from '../../src/errors.js';
import { LUInstanceRemove } from '../../src/lus/instance-remove.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import { create, makeWorld, type Process, settle, type World } from './world.js';

const NAME = 'web1.example.com';

/** What becomes of the transaction: carried out, never arrived, or carried out much later. */
const FATES = ['done', 'lost', 'late'] as const;

interface Losing {
  readonly store: KvStore;
  /** Loses the answer of the nth transaction from now on. */
  lose(nth: number, fate: (typeof FATES)[number]): void;
  /** Lets what is late arrive; answers whether it was still carried out, if there is any. */
  arrive(): Promise<boolean | undefined>;
  readonly hasLost: boolean;
}

function losing(store: MemoryKvStore): Losing {
  let left = 0;
  let fate: (typeof FATES)[number] = 'done';
  let late: (() => Promise<boolean>) | undefined;
  return {
    lose: (nth, kind) => {
      [left, fate] = [nth, kind];
    },
    arrive: async () => late?.(),
    get hasLost() {
      return left <= 0;
    },
    store: {
      get: (key) => store.get(key),
      range: (prefix) => store.range(prefix),
      watch: (prefix, after, signal) => store.watch(prefix, after, signal),
      close: () => store.close(),
      txn: async (compare, ops) => {
        left -= 1;
        if (left !== 0) return store.txn(compare, ops);
        if (fate === 'done') await store.txn(compare, ops);
        if (fate === 'late') late = async () => (await store.txn(compare, ops)).committed;
        throw new ConfigError('no answer', 'io', { about: 'unknown-outcome' });
      },
    },
  };
}

type Work = (process: Process) => Promise<unknown>;

/** Loses each answer in turn; answers how many there were. */
async function loseEach(
  fate: (typeof FATES)[number],
  begin: (world: World) => Promise<void>,
  work: Work,
  check: (world: World, other: Process, about: string) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const about = `${fate}: transaction ${nth}`;
    const world = await makeWorld();
    await begin(world);
    const wire = losing(world.store);
    const [one, other] = [await world.start({ store: wire.store }), await world.start()];
    wire.lose(nth, fate);
    const end: unknown = await work(one).catch((error: unknown) => error);
    if (!wire.hasLost) return nth - 1;
    expect(end, about).not.toBeInstanceOf(Error);
    expect(await wire.arrive(), `${about} comes too late`).not.toBe(true);
    await settle();
    for (const prefix of ['journal/', 'config/claimed/']) {
      expect((await world.store.range(prefix)).entries, about).toEqual([]);
    }
    await check(world, other, about);
  }
}

test.each(FATES)(
  'given a creation and an answer that is lost (%s), then it finds out and succeeds',
  async (fate) => {
    const count = await loseEach(
      fate,
      async () => undefined,
      (process) => create(process, { start: true }),
      async (world, other, about) => {
        expect(other.cluster.config.findInstance(NAME), about).toMatchObject({ adminState: 'up' });
        const left = world.nodes.leftovers().map((line) => line.split(' ')[1]);
        expect(left, about).toEqual(['directory', 'disk', 'running']);
      },
    );
    expect(count).toBeGreaterThan(5);
  },
);

test.each(FATES)(
  'given a removal and an answer that is lost (%s), then it finds out and nothing stays',
  async (fate) => {
    const count = await loseEach(
      fate,
      async (world) => {
        const maker = await world.start();
        await create(maker);
        await maker.cluster.close();
      },
      ({ cluster }) => cluster.run(new LUInstanceRemove(), { instanceName: NAME }),
      async (world, other, about) => {
        expect(other.cluster.config.findInstance(NAME), about).toBeUndefined();
        expect(world.nodes.leftovers(), about).toEqual([]);
      },
    );
    expect(count).toBeGreaterThan(1);
  },
);
