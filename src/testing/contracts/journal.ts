/**
 * What the journal promises on any key-value store, as tests that the store's author runs with any
 * test runner. Owns no store: the fixture brings one.
 */
import assert from 'node:assert/strict';
import type { UndoEntry } from '../../ports/journal.js';
import { fails } from './fails.js';
import { entry, type JournalFixture, JournalWorld } from './journal-world.js';
import { instance } from './config-world.js';

export type { JournalFixture } from './journal-world.js';

/**
 * How to run the contract.
 * @public
 */
export interface JournalContract {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes a store to be tried. */
  readonly make: () => Promise<JournalFixture>;
}

type Check = (world: JournalWorld) => Promise<void>;

/**
 * Declares the tests of the journal's promises.
 * @public
 */
export function journalContract({ test, make }: JournalContract): void {
  for (const [name, check] of Object.entries(CHECKS)) {
    test(`journal: ${name}`, async () => {
      const fixture = await make();
      try {
        await check(new JournalWorld(fixture.store));
      } finally {
        await fixture.dispose();
      }
    });
  }
}

const OP = { id: 'job-1', op: 'OP_TEST', what: 'a test' };

const durable: Check = async (world) => {
  const undo = await world.journal.open(OP);
  assert.deepEqual(await world.keys(), [], 'an operation without effects writes nothing');
  await undo.defer(entry('a'));
  assert.deepEqual(await world.keys(), ['journal/job-1', 'journal/job-1/00000001']);
  await undo.defer(entry('b'));
  const records = await world.store.range('journal/job-1/');
  const read: unknown = JSON.parse(records.entries[1]?.value ?? '');
  assert.deepEqual(read, entry('b'));
  await undo.close();
  await undo.close();
  assert.deepEqual(await world.keys(), []);
  assert.deepEqual(world.log, []);
};

const lastFirst: Check = async (world) => {
  const undo = await world.journal.open(OP);
  for (const name of ['a', 'b', 'c']) await world.make(undo, name);
  const told: string[] = [];
  const leaks = await undo.unwind(await world.context(), ({ what }) => told.push(what));
  assert.deepEqual([leaks, world.log, told.length], [[], ['c', 'b', 'a'], 3]);
  assert.deepEqual([[...world.effects], await world.keys()], [[], []]);
  assert.deepEqual(await undo.unwind(await world.context()), [], 'there is nothing left to undo');
};

const leaks: Check = async (world) => {
  const undo = await world.journal.open(OP);
  for (const name of ['a', 'b', 'c']) await world.make(undo, name);
  world.stuck.set('b', 2);
  const leaked = await undo.unwind(await world.context());
  assert.deepEqual(leaked, [{ what: 'effect b', reason: 'b is stuck' }]);
  assert.deepEqual([...world.effects], ['b'], 'the others are taken back all the same');
  assert.deepEqual(world.log, ['c', 'b', 'b', 'a'], 'tried as often as the policy says');
  assert.deepEqual(await world.keys(), ['journal/job-1', 'journal/job-1/00000002']);
  await assert.rejects(world.journal.open(OP), fails('conflict'));
  const report = await world.newProcess().recover(await world.context());
  assert.deepEqual(
    report.operations.map(({ undone }) => undone),
    [['effect b']],
  );
  assert.deepEqual([[...world.effects], await world.keys()], [[], []]);
};

const retried: Check = async (world) => {
  const undo = await world.journal.open(OP);
  await world.make(undo, 'a');
  world.stuck.set('a', 1);
  assert.deepEqual(await undo.unwind(await world.context()), []);
  assert.deepEqual([world.log, [...world.effects]], [['a', 'a'], []]);
};

const discarded: Check = async (world) => {
  const undo = await world.journal.open(OP);
  const scratch = await undo.defer(entry('scratch'));
  await world.make(undo, 'a');
  await scratch.discard();
  await scratch.discard();
  assert.equal(undo.size, 1);
  await undo.unwind(await world.context());
  assert.deepEqual([world.log, await world.keys()], [['a'], []]);
};

const outlived: Check = async (world) => {
  for (const onFailure of ['rollback', 'keep'] as const) {
    const undo = await world.journal.open({ ...OP, onFailure });
    await world.make(undo, 'a');
    await world.make(undo, 'b');
    world.effects.add('c');
    const rest = await undo.defer(entry('c'));
    rest.outlive();
    await undo.commitPoint();
    await undo.close();
    assert.deepEqual(await world.keys(), ['journal/job-1', 'journal/job-1/00000003']);
    const report = await world.newProcess().recover(await world.context());
    assert.deepEqual(
      report.operations.map(({ undone }) => undone),
      [['effect c']],
    );
    assert.deepEqual([[...world.effects], await world.keys()], [['a', 'b'], []]);
  }
  const undo = await world.journal.open(OP);
  const rest = await undo.defer(entry('d'));
  rest.outlive();
  await rest.discard();
  await undo.close();
  assert.deepEqual(await world.keys(), [], 'one that was done in the end is gone');
};

const rollback: Check = async (world) => {
  const undo = await world.journal.open(OP);
  await world.make(undo, 'a');
  await undo.commitPoint();
  await world.make(undo, 'b');
  await undo.unwind(await world.context());
  assert.deepEqual([[...world.effects], await world.keys()], [[], []]);
};

const keep: Check = async (world) => {
  const undo = await world.journal.open({ ...OP, onFailure: 'keep' });
  await world.make(undo, 'a');
  await undo.commitPoint();
  assert.deepEqual(await world.keys(), [], 'a crash from here on keeps it, too');
  await world.make(undo, 'b');
  await undo.unwind(await world.context());
  assert.deepEqual([[...world.effects], world.log, await world.keys()], [['a'], ['b'], []]);
};

const together: Check = async (world) => {
  const ctx = await world.context();
  const undo = await world.journal.open(OP);
  const web1 = instance('web1');
  const commit = (): Promise<unknown> =>
    undo.alongside(entry('web1'), (alongside) =>
      ctx.config.commit('add', (draft) => draft.add('instance', web1), { alongside }),
    );
  const { revision } = await world.store.range('');
  await commit();
  const after = await world.store.range('');
  assert.equal(after.revision, revision + 1, 'one transaction');
  assert.equal((await world.keys()).length, 2);
  await assert.rejects(commit(), fails('not_unique'));
  assert.equal((await world.store.range('')).revision, after.revision);
  assert.equal(undo.size, 1, 'what was not committed is not undone');
  const { ops, adopt } = undo.prepareClose();
  await ctx.config.commit('remove', (draft) => draft.remove('instance', web1.id), {
    alongside: ops,
  });
  adopt();
  assert.deepEqual([await world.keys(), undo.size], [[], 0]);
  await assert.rejects(undo.defer(entry('late')), fails('ProgrammerError'));
};

const recovery: Check = async (world) => {
  const start = world.clock.now();
  for (const [index, id] of ['old', 'new'].entries()) {
    const undo = await world.journal.open({ ...OP, id });
    for (const name of ['1', '2']) await world.make(undo, `${id}${name}`);
    await world.clock.advance(index + 1000);
  }
  const next = world.newProcess();
  const running = await next.open({ ...OP, id: 'running' });
  await world.make(running, 'mine');

  const report = await next.recover(await world.context());

  const common = { op: 'OP_TEST', what: 'a test', leaked: [] };
  assert.deepEqual(report, {
    operations: [
      { ...common, id: 'new', startedAtMs: start + 1000, undone: ['effect new2', 'effect new1'] },
      { ...common, id: 'old', startedAtMs: start, undone: ['effect old2', 'effect old1'] },
    ],
    corrupt: [],
  });
  assert.deepEqual([...world.effects], ['mine'], 'what runs is left alone');
  assert.deepEqual((await next.recover(await world.context())).operations, []);
  await running.close();
  assert.deepEqual(await world.keys(), []);
};

const unknownAction: Check = async (world) => {
  const undo = await world.journal.open(OP);
  await world.make(undo, 'a');
  await undo.defer(entry('b', 'from.a.newer.version'));
  await undo.defer(entry('c', 'toString'));
  const leaked = await undo.unwind(await world.context());
  assert.deepEqual(
    leaked.map(({ what }) => what),
    ['effect c', 'effect b'],
  );
  assert.match(leaked[1]?.reason ?? '', /from\.a\.newer\.version/);
  assert.deepEqual([...world.effects], []);
  const done: UndoEntry['args'][] = [];
  const action = async (args: UndoEntry['args']): Promise<void> => void done.push(args);
  const wiser = world.newProcess(world.store, { 'from.a.newer.version': action, toString: action });
  await wiser.recover(await world.context());
  assert.deepEqual([done, await world.keys()], [[{ name: 'c' }, { name: 'b' }], []]);
};

const damage: Check = async (world) => {
  const undo = await world.journal.open(OP);
  for (const name of ['a', 'b', 'c']) await world.make(undo, name);
  const other = await world.journal.open({ ...OP, id: 'job-2' });
  await world.make(other, 'd');
  const key = 'journal/job-1/00000002';
  for (const value of [
    '{"what":',
    '{"what":"x"}',
    '{"what":"x","action":"y","args":{"__proto__":1}}',
  ]) {
    await world.store.txn([], [{ op: 'put', key, value }]);
    const report = await world.newProcess().recover(await world.context());
    assert.equal(report.corrupt.length, 1);
    assert.ok(
      report.corrupt.every((error) => fails('corrupt')(error) && error.message.includes(key)),
    );
    assert.deepEqual([...world.effects], ['b'], 'the rest is recovered');
    assert.deepEqual(await world.keys(), ['journal/job-1', key], 'and this stays to be looked at');
  }
};

const givenUp: Check = async (world) => {
  const undo = await world.journal.open(OP);
  for (const name of ['a', 'b']) await world.make(undo, name);
  const ctx = await world.context();
  world.stop.abort();
  const leaked = await undo.unwind(ctx);
  assert.deepEqual(
    leaked.map(({ what }) => what),
    ['effect b', 'effect a'],
  );
  assert.deepEqual([world.log, (await world.keys()).length], [[], 3]);
};

const CHECKS: Readonly<Record<string, Check>> = {
  'should have written an entry down before its effect begins': durable,
  'should take effects back, last in, first out': lastFirst,
  'given an effect that is stuck, should undo the others, name it and keep its entry': leaks,
  'should try again what failed': retried,
  'should not undo what was discarded': discarded,
  'given an entry that outlives its operation, when that succeeds, then recovery does it': outlived,
  'given rollback, should undo beyond the commit point': rollback,
  'given keep, should undo back to the commit point only': keep,
  'should be written in the same transaction as a commit': together,
  'should finish what crashed processes left, and only that': recovery,
  'given an action that nobody knows, should say which, and undo the rest': unknownAction,
  'given a damaged record, should name it and recover the rest': damage,
  'given that undo is given up, should leave everything in the journal': givenUp,
};
