import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../../src/ganeti/transport/slots.js';

/** Work that ends when it is told. */
class Work {
  readonly started: string[] = [];
  readonly #ends: (() => void)[] = [];

  begin(node: string): () => Promise<string> {
    return () => {
      this.started.push(node);
      return new Promise<string>((resolve) => this.#ends.push(() => resolve(node)));
    };
  }

  async end(index: number): Promise<void> {
    this.#ends.splice(index, 1)[0]?.();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test('work waits for its node and for the whole; who waits longest goes first', async () => {
  const slots = new Slots({ total: 3, perNode: 2 });
  const work = new Work();
  const nodes = ['a', 'a', 'a', 'b', 'c'];
  const all = nodes.map((node) => slots.use(node, work.begin(node), undefined));
  await settled();
  expect(work.started).toEqual(['a', 'a', 'b']);
  await work.end(2);
  expect(work.started).toEqual(['a', 'a', 'b', 'c']);
  await work.end(0);
  expect(work.started).toEqual(['a', 'a', 'b', 'c', 'a']);
  for (let rest = 3; rest > 0; rest -= 1) await work.end(0);
  expect(await Promise.all(all)).toEqual(nodes);
});

test('who gives up waiting is not started', async () => {
  const slots = new Slots({ total: 1, perNode: 1 });
  const work = new Work();
  const first = slots.use('a', work.begin('a'), undefined);
  const caller = new AbortController();
  const second = slots.use('a', work.begin('second'), caller.signal);
  const third = slots.use('a', work.begin('third'), undefined);
  caller.abort();
  expect(await second).toBeUndefined();
  expect(await slots.use('a', work.begin('late'), AbortSignal.abort())).toBeUndefined();
  await work.end(0);
  await work.end(0);
  expect(await Promise.all([first, third])).toEqual(['a', 'third']);
  expect(work.started).toEqual(['a', 'third']);
});

test('work that fails gives its place to the next', async () => {
  const slots = new Slots({ total: 1, perNode: 1 });
  await expect(slots.use('a', () => Promise.reject(new Error('x')), undefined)).rejects.toThrow();
  expect(await slots.use('a', () => Promise.resolve('next'), undefined)).toBe('next');
});

test('B1: there are never more than the limits, and all get their turn', async () => {
  const limit = fc.integer({ min: 1, max: 4 });
  const nodes = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 });
  const order = fc.infiniteStream(fc.nat());
  await fc.assert(
    fc.asyncProperty(limit, limit, nodes, order, async (total, perNode, asked, picks) => {
      const slots = new Slots({ total, perNode });
      const work = new Work();
      const busy: string[] = [];
      let most = 0;
      const all = asked.map((node) =>
        slots.use(
          node,
          async () => {
            busy.push(node);
            most = Math.max(most, busy.length);
            expect(busy.filter((one) => one === node).length).toBeLessThanOrEqual(perNode);
            await work.begin(node)();
            busy.splice(busy.indexOf(node), 1);
          },
          undefined,
        ),
      );
      await settled();
      for (let left = asked.length; left > 0; left -= 1) {
        await work.end((picks.next().value as number) % Math.max(busy.length, 1));
      }
      await Promise.all(all);
      expect(most).toBeLessThanOrEqual(total);
    }),
    { numRuns: 50 },
  );
});
