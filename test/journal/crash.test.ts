/**
 * Death at every write. An operation makes effects, commits, makes more, and succeeds; its process
 * dies at the n-th write, for every n, just before the write or just after it. The next process
 * recovers, and dies at every write of that; the third one finishes.
 *
 * Whatever happens: either the operation has succeeded and all of its effects are there, or none is;
 * the configuration agrees; no journal is left; recovering once more changes nothing.
 */
import { expect, test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { UndoAction, UndoContext, UndoRegistry } from '../../src/ports/journal.js';
import { CrashingStore, type CrashMoment } from './crashing-store.js';
import { instance, WORLD } from '../../src/testing/contracts/config-world.js';
import { entry, JournalWorld } from '../../src/testing/contracts/journal-world.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

const EFFECTS = ['directory', 'disk', 'instance', 'boot'];
const MOMENTS: readonly CrashMoment[] = ['before', 'after'];

/** Takes a configuration entry back, as real undo actions do: gone already is done. */
const removeInstance: UndoAction = async (_args, { config }) => {
  if (config.findInstance('web1') === undefined) return;
  await config.commit('undo', (draft) => draft.remove('instance', instance('web1').id));
};

/** The actions of a process: when it is dead it does nothing any more. */
function actionsOf(world: JournalWorld, store: CrashingStore): UndoRegistry {
  const ifAlive =
    (action: UndoAction): UndoAction =>
    async (args, ctx) => {
      if (store.hasCrashed) throw new Error('dead processes do nothing');
      await action(args, ctx);
    };
  return {
    'effect.remove': ifAlive(world.remove),
    'instance.remove': ifAlive(removeInstance),
  };
}

async function freshWorld(): Promise<JournalWorld> {
  const store = new MemoryKvStore();
  const world = new JournalWorld(store);
  await initConfig({ store, clock: world.clock, ...WORLD });
  return world;
}

/** A process's life: works until it has succeeded, or until it dies or fails. */
async function operate(world: JournalWorld, store: CrashingStore, failing: boolean): Promise<void> {
  const ctx = await contextOn(world, store);
  const undo = await world
    .newProcess(store, actionsOf(world, store))
    .open({ id: 'job-1', op: 'OP_TEST' });
  try {
    await world.make(undo, 'directory');
    await world.make(undo, 'disk');
    await undo.alongside(entry('instance', 'instance.remove'), (alongside) =>
      ctx.config.commit('add', (draft) => draft.add('instance', instance('web1')), { alongside }),
    );
    world.effects.add('instance');
    await world.make(undo, 'boot');
    if (failing) throw new Error('the guest does not boot');
    await undo.close();
  } catch {
    await undo.unwind(ctx);
  }
}

function immortal({ store }: JournalWorld): CrashingStore {
  return new CrashingStore(store, Number.POSITIVE_INFINITY, 'before');
}

async function contextOn(world: JournalWorld, store: KvStore): Promise<UndoContext> {
  const { clock } = world;
  const config = await openConfig({ store, clock, ids: new SeededIds(1) });
  return { ...(await world.context()), config };
}

async function recoverOn(world: JournalWorld, store: CrashingStore): Promise<void> {
  const ctx = await contextOn(world, store);
  await world.newProcess(store, actionsOf(world, store)).recover(ctx);
}

/** The configuration's part of the truth is in the configuration. */
async function endOf(world: JournalWorld): Promise<unknown> {
  const config = await openConfig({
    store: world.store,
    clock: world.clock,
    ids: new SeededIds(1),
  });
  world.effects.delete('instance');
  if (config.findInstance('web1') !== undefined) world.effects.add('instance');
  return { effects: [...world.effects].sort(), journal: await world.keys() };
}

const ALL = { effects: [...EFFECTS].sort(), journal: [] };
const NONE = { effects: [], journal: [] };

for (const failing of [false, true]) {
  const name = failing ? 'an operation that fails' : 'an operation that succeeds';

  test(`given ${name}, when its process dies at any write and the next one at any write of its recovery, then nothing is left half-done`, async () => {
    let crashes = 0;
    for (const moment of MOMENTS) {
      for (let n = 1; ; n++) {
        const dies = await crash(n, moment, failing, Number.POSITIVE_INFINITY, 'before');
        if (!dies.first) break;
        crashes++;
        for (const again of MOMENTS) {
          for (let m = 1; (await crash(n, moment, failing, m, again)).second; m++) crashes++;
        }
      }
    }
    expect(crashes).toBeGreaterThan(failing ? 60 : 40);
  }, 60_000);
}

interface Deaths {
  readonly first: boolean;
  readonly second: boolean;
}

async function crash(
  n: number,
  moment: CrashMoment,
  failing: boolean,
  m: number,
  again: CrashMoment,
): Promise<Deaths> {
  const world = await freshWorld();
  const first = new CrashingStore(world.store, n, moment);
  await operate(world, first, failing).catch(() => {});
  const second = new CrashingStore(world.store, m, again);
  await recoverOn(world, second).catch(() => {});
  await recoverOn(world, immortal(world));
  const end = await endOf(world);
  const where = `dies ${moment} write ${n}, then ${again} write ${m} of recovery`;
  expect([ALL, NONE], where).toContainEqual(end);
  if (failing) expect(end, where).toEqual(NONE);
  const { revision } = await world.store.range('');
  await recoverOn(world, immortal(world));
  expect((await world.store.range('')).revision, where).toBe(revision);
  return { first: first.hasCrashed, second: second.hasCrashed };
}

test('given no death, the operation succeeds, and recovery leaves its effects alone', async () => {
  const world = await freshWorld();
  await operate(world, immortal(world), false);
  await recoverOn(world, immortal(world));
  expect(await endOf(world)).toEqual(ALL);
});
