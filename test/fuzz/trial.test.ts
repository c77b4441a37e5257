/** A campaign is worth what its judges notice: operations that break one rule each. */
import { expect, test } from 'vitest';
import { Cancelled, ExecError, ProgrammerError, refuse, ResultError } from '../../src/errors.js';
import type { ExecContext } from '../../src/lu-base.js';
import { throwIfCancelled } from '../../src/lu-helpers.js';
import type { Instance } from '../../src/model/instance.js';
import { sleep } from '../../src/ports/clock.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { makeInstance, nodeIdOf } from '../../src/testing/make.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { healthy } from './healthy.js';
import { type Sloppiness, sloppyAttempt } from './sloppy-lu.js';
import { type Attempt, trial } from './trial.js';
import { openWorld, type World } from './world.js';

interface Breach {
  readonly does: (world: World) => Sloppiness;
  readonly facts?: Partial<Attempt>;
  /** What is found; nothing else may be. */
  readonly found: readonly RegExp[];
}

const NODE1 = nodeIdOf('node1');
const no = (): never => refuse.state('it may not be');
const fails = (): never => {
  throw new ExecError('it went wrong');
};
const newInstance = (): Instance => makeInstance('web1.example.com', NODE1, new SeededIds(7));

/** Adds an instance, with or without a way back. */
async function addInstance({ config }: ExecContext): Promise<void> {
  await config.commit('add', (draft) => draft.add('instance', newInstance()));
}

async function tag(world: World, kind: 'node' | 'instance'): Promise<void> {
  const [one] = world.cluster.config.all(kind);
  await world.cluster.config.commit('tag', (draft) =>
    draft.update(kind, one?.id ?? '', (entity) => void entity.tags.push('x')),
  );
}

async function lock(world: World, owner: string): Promise<void> {
  await world.cluster.locks.acquire(ownerId(owner), [{ lock: 'node/x', mode: 'exclusive' }]);
}

/** Waits in the machine's own time, never in the cluster's. */
const never = (): Promise<never> => new Promise(() => undefined);

const BREACHES: Readonly<Record<string, Breach>> = {
  'keeps a lock': {
    does: (world) => ({ prereq: () => lock(world, 'x').then(no) }),
    found: [/^lock node\/x stays/],
  },
  'leaves somebody waiting': {
    does: (world) => ({
      prereq: async () => {
        await lock(world, 'x');
        void lock(world, 'y');
        no();
      },
    }),
    found: [/^lock node\/x stays/, /^y waits for locks/],
  },
  'keeps a claim': {
    does: ({ cluster }) => ({
      prereq: () => {
        cluster.config.reservations('x').drawMac();
        no();
      },
    }),
    found: [/^1 claims stay/],
  },
  'keeps a timer': {
    does: () => ({
      prereq: ({ clock }) => {
        clock.timer(1000, () => undefined);
        no();
      },
    }),
    found: [/^1 timers stay/],
  },
  'keeps listening to its caller': {
    does: () => ({
      prereq: ({ signal }) => {
        signal.addEventListener('abort', () => undefined);
        no();
      },
    }),
    found: [/^1 listeners stay/],
  },
  'changes the configuration before an error': {
    does: (world) => ({ prereq: () => tag(world, 'node').then(no) }),
    found: [/^changed: config\/node\//, /^changed in memory: node\//],
  },
  'changes the store alone': {
    does: ({ store }) => ({
      prereq: async () => {
        await store.txn([], [{ op: 'put', key: 'other/x', value: '1' }]);
        no();
      },
    }),
    found: [/^changed: other\/x/],
  },
  'changes something in a dry run': {
    does: (world) => ({ prereq: () => tag(world, 'node') }),
    facts: { dryRun: true },
    found: [/^changed: config\/node\//, /^changed in memory: node\//],
  },
  'leaves something on a node': {
    does: ({ test: { nodes } }) => ({
      prereq: () => {
        nodes.state(NODE1).directories.add('/x');
        no();
      },
    }),
    found: [/^left: node1 directory \/x/],
  },
  'never ends': {
    does: () => ({ exec: never }),
    found: [/^it waits for nothing/, /^lock cluster\/BGL stays/],
  },
  'waits on and on, whatever its caller wants': {
    does: () => ({
      exec: async ({ clock }) => {
        for (;;) await sleep(clock, 1000);
      },
    }),
    found: [/^it waits on and on/, /^lock cluster\/BGL stays/, /^1 timers stay/],
  },
  'takes its time although its caller has given up': {
    does: () => ({ exec: ({ clock }) => sleep(clock, 1000).then(() => sleep(clock, 500)) }),
    facts: { patience: 1 },
    found: [/^it went on for 500 ms after its caller gave up/],
  },
  'asks again and again without a pause': {
    does: () => ({
      exec: async ({ clock }) => {
        for (;;) await sleep(clock, 0);
      },
    }),
    found: [/^it waits on and on/, /^lock cluster\/BGL stays/, /^1 timers stay/],
  },
  'crashes while it looks': {
    does: () => ({ prereq: () => (undefined as unknown as Instance).name }),
    found: [/^ExecError hides TypeError/],
  },
  'crashes while it works': {
    does: () => ({ exec: () => (undefined as unknown as Instance).name }),
    found: [/^ExecError hides TypeError/],
  },
  'hides a crash in an error that speaks of JSON and headers': {
    does: () => ({
      prereq: () => refuse.input('no valid JSON header', { cause: new TypeError('undefined') }),
    }),
    found: [/^PrereqError hides TypeError/],
  },
  'reads text bare': {
    does: () => ({ prereq: () => JSON.parse('[1, 2') as unknown }),
    found: [/^ExecError hides SyntaxError/],
  },
  'throws an error that is not ours': {
    does: () => ({}),
    facts: { run: () => Promise.reject(new Error('x')) },
    found: [/^untyped: Error: x/],
  },
  'blames the programmer': {
    does: () => ({
      prereq: () => {
        throw new ProgrammerError('x');
      },
    }),
    found: [/^ProgrammerError: x/],
  },
  'returns what it must not': {
    does: () => ({
      prereq: () => {
        throw new ResultError('x returned what its result schema does not allow');
      },
    }),
    found: [/^ResultError: x/],
  },
  'says that it was cancelled, though nobody wanted that': {
    does: () => ({
      prereq: () => {
        throw new Cancelled('x');
      },
    }),
    found: [/^cancelled, though nobody/],
  },
  'says nothing': {
    does: () => ({ prereq: () => refuse.state('') }),
    found: [/^it says nothing/],
  },
  'leaves a disk when its work fails': {
    does: ({ test: { nodes } }) => ({
      exec: () => {
        nodes.state(NODE1).disks.set('/x', 1);
        fails();
      },
    }),
    found: [/^left: node1 disk \/x/],
  },
  'leaves its instance when its work fails': {
    does: () => ({ exec: (ctx) => addInstance(ctx).then(fails) }),
    found: [/^changed: config\/instance\//],
  },
  'leaves its instance before the commit point, as Ganeti does only after it': {
    does: () => ({ exec: (ctx) => addInstance(ctx).then(fails) }),
    facts: { keeps: true },
    found: [/^changed: config\/instance\//],
  },
  'leaves a guest that runs, as even Ganeti does not': {
    does: ({ test: { nodes } }) => ({
      exec: () => {
        nodes.state(NODE1).running.set('x', { running: true, memoryMib: 1, vcpus: 1 });
        fails();
      },
    }),
    facts: { keeps: true },
    found: [/^left: node1 running x/],
  },
  'changes others, and keeps its instance': {
    does: (world) => ({
      exec: async (ctx) => {
        await tag(world, 'node');
        await addInstance(ctx);
        fails();
      },
    }),
    facts: { keeps: true, isCommitted: () => true },
    found: [/^changed: config\/node\//],
  },
  'changes another instance, and succeeds': {
    does: (world) => ({ exec: (ctx) => addInstance(ctx).then(() => tag(world, 'instance')) }),
    found: [/^changed: config\/instance\//, /^2 instances are new/],
  },
  'makes nothing, and succeeds': { does: () => ({}), found: [/^0 instances are new/] },
  'leaves a pause, and succeeds': {
    does: ({ test: { nodes } }) => ({
      exec: (ctx) => addInstance(ctx).then(() => nodes.state(NODE1).paused.add('/x')),
    }),
    found: [/^left: node1 paused \/x/],
  },
  'leaves an entry in the journal': {
    does: ({ store }) => ({
      exec: async (ctx) => {
        await addInstance(ctx);
        await store.txn([], [{ op: 'put', key: 'journal/x/1', value: '{}' }]);
      },
    }),
    found: [/^left: journal\/x\/1/, /^changed: journal\/x\/1/],
  },
  'writes what memory does not know': {
    does: ({ store, cluster }) => ({
      exec: async (ctx) => {
        await addInstance(ctx);
        const { id } = newInstance();
        const value = JSON.stringify({ ...cluster.config.find('instance', id), tags: ['x'] });
        await store.txn([], [{ op: 'put', key: `config/instance/${id}`, value }]);
      },
    }),
    found: [/^memory and store disagree: instance\//],
  },
  'writes what cannot be read again': {
    does: ({ store }) => ({
      exec: async (ctx) => {
        await addInstance(ctx);
        const key = `config/instance/${newInstance().id}`;
        await store.txn([], [{ op: 'put', key, value: '{}' }]);
      },
    }),
    found: [/^the store cannot be opened again/],
  },
  'leaks what nobody can take back': {
    does: () => ({
      exec: async ({ undo }) => {
        await undo.defer({ what: 'x', action: 'nobody knows', args: {} });
        fails();
      },
    }),
    found: [/^not recovered/, /^changed: journal/, /^changed: journal/, /^left: /, /^left: /],
  },
};

test.each(Object.entries(BREACHES))('should notice an operation that %s', async (_, breach) => {
  const { does, facts, found } = breach;
  const world = await openWorld(healthy(false));
  const { flaws } = await trial(world, sloppyAttempt(world.cluster, does(world), facts));
  const others = flaws.filter((flaw) => !found.some((one) => one.test(flaw)));
  expect(others).toEqual([]);
  for (const one of found) expect(flaws).toContainEqual(expect.stringMatching(one));
});

const SOUND: Readonly<Record<string, Pick<Breach, 'does' | 'facts'>>> = {
  'refuses, and touches nothing': { does: () => ({ prereq: no }) },
  'makes an instance': { does: () => ({ exec: addInstance }) },
  'fails, and has done nothing': { does: () => ({ exec: fails }) },
  'fails after the commit point, and keeps its instance as Ganeti does': {
    does: () => ({ exec: (ctx) => addInstance(ctx).then(fails) }),
    facts: { keeps: true, isCommitted: () => true },
  },
  'is given up while it waits': {
    does: () => ({
      exec: ({ clock, signal }) => sleep(clock, 1000, signal).then(() => sleep(clock, 9, signal)),
    }),
    facts: { patience: 1 },
  },
  'works without end, if it tells of it and can be stopped': {
    does: () => ({
      exec: async ({ report, signal }) => {
        for (;;) {
          throwIfCancelled(signal, 'all was done');
          report.progress(await Promise.resolve(0.5));
        }
      },
    }),
  },
  'is cancelled': {
    does: () => ({ exec: ({ clock, signal }) => sleep(clock, 1000, signal) }),
    facts: { cancelAt: 8 },
  },
};

test.each(Object.entries(SOUND))('should not mind an operation that %s', async (_, sound) => {
  const world = await openWorld(healthy(false));
  const attempt = sloppyAttempt(world.cluster, sound.does(world), sound.facts);
  expect((await trial(world, attempt)).flaws).toEqual([]);
});
