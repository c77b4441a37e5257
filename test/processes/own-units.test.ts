/** Operations of one's own, where several processes share the store. */
import { expect, test } from 'vitest';
import { exclusive } from '../../src/locks/plan.js';
import { type ExecContext, LogicalUnit, type PrereqContext } from '../../src/lu-base.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import { makeWorld, settle } from './world.js';

interface P {
  op: string;
  args: string;
  names: string;
  plan: { readonly tag: string; readonly seen: readonly string[] };
  result: readonly string[];
}

const NODE = nodeIdOf('node1');

/** Tags a node; answers with the tags that it had when its lock was granted. */
class LUNodeTag extends LogicalUnit<P> {
  readonly name: string = 'OP_NODE_TAG';
  checkArguments(op: string): string {
    return op;
  }
  expandNames(args: string) {
    return { names: args, locks: { node: exclusive(NODE) } };
  }
  checkPrereq(tag: string, { config }: PrereqContext) {
    return { tag, seen: config.node(NODE).tags };
  }
  async exec({ tag, seen }: P['plan'], { config }: ExecContext): Promise<readonly string[]> {
    await config.commit('tag', (draft) =>
      draft.update('node', NODE, (node) => void (node.tags = [...node.tags, tag])),
    );
    return seen;
  }
}

/** Never comes to an end, whatever it is told. */
class LUDeaf extends LUNodeTag {
  override readonly name = 'OP_DEAF';
  override exec(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** A store whose changes arrive late: when `arrive` is called. */
function late(store: MemoryKvStore): { store: KvStore; arrive(): void } {
  let arrive = (): void => undefined;
  const arrival = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    arrive: () => arrive(),
    store: {
      get: (key) => store.get(key),
      range: (prefix) => store.range(prefix),
      txn: (compare, ops) => store.txn(compare, ops),
      close: () => store.close(),
      watch: async function* (prefix, after, signal) {
        for await (const change of store.watch(prefix, after, signal)) {
          await arrival;
          yield change;
        }
      },
    },
  };
}

test('given a process that learns late of changes, when it gets a lock, then it waits until it knows what was done under it', async () => {
  const world = await makeWorld();
  const slow = late(world.store);
  const [one, two] = [await world.start(), await world.start({ store: slow.store })];
  await one.cluster.run(new LUNodeTag(), 'first');
  let seen: readonly string[] | undefined;

  const run = two.cluster.run(new LUNodeTag(), 'second').then((tags) => (seen = tags));
  await settle();
  expect(seen).toBeUndefined();
  slow.arrive();
  await run;

  expect(seen).toEqual(['first']);
  expect(two.cluster.config.node(NODE).tags).toEqual(['first', 'second']);
});

test('given work that never ends, when its process loses its locks, then it is waited for no longer', async () => {
  const world = await makeWorld();
  const one = await world.start();
  const run = one.cluster.run(new LUDeaf(), 'x');
  await settle();

  one.locks.lose();

  await expect(run).rejects.toMatchObject({ name: 'LockLost' });
  await expect(one.cluster.plan(new LUNodeTag(), 'x')).rejects.toMatchObject({
    name: 'LockLost',
    message: expect.stringContaining('open the cluster again') as string,
  });
});

test('given a process that learns late, when its operation is cancelled, then it does not wait for changes', async () => {
  const world = await makeWorld();
  const slow = late(world.store);
  const [one, two] = [await world.start(), await world.start({ store: slow.store })];
  await one.cluster.run(new LUNodeTag(), 'first');
  const abort = new AbortController();
  const run = two.cluster.run(new LUNodeTag(), 'second', { signal: abort.signal });
  await settle();

  abort.abort();

  await expect(run).rejects.toMatchObject({ name: 'Cancelled' });
  expect(world.service.table.explain().locks).toEqual([]);
  slow.arrive();
});
