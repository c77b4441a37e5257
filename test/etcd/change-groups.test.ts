/** Messages of a watch, however they are cut: one change per transaction, no gap, nothing twice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChangeGroups } from '../../src/etcd/change-groups.js';
import type { WatchAnswer, WireEvent } from '../../src/etcd/client/messages.js';
import type { KvChange, KvOp } from '../../src/ports/kv-store.js';

const message = (
  events: readonly WireEvent[],
  revision: number,
  facts: Partial<WatchAnswer> = {},
): WatchAnswer => ({
  header: { revision: String(revision) },
  created: false,
  canceled: false,
  compactRevision: '0',
  cancelReason: '',
  fragment: false,
  events,
  ...facts,
});

const op: fc.Arbitrary<KvOp> = fc
  .record({ key: fc.constantFrom('a', 'b', 'ü'), value: fc.option(fc.string({ maxLength: 3 })) })
  .map(({ key, value }) =>
    value === null ? { op: 'delete', key } : { op: 'put', key, value: value.replace(/\W/g, '') },
  );
const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 });
const changes: fc.Arbitrary<KvChange[]> = gaps.chain((steps) =>
  fc.tuple(...steps.map(() => fc.array(op, { minLength: 1, maxLength: 4 }))).map((all) => {
    let revision = 1;
    return all.map((ops, n) => ({ revision: (revision += steps[n] ?? 1), ops }));
  }),
);

function eventsOf(revision: number, ops: readonly KvOp[]): WireEvent[] {
  return ops.map((one) => ({
    type: one.op === 'put' ? 'PUT' : 'DELETE',
    kv: {
      key: Buffer.from(`p/${one.key}`),
      value: Buffer.from(one.op === 'put' ? one.value : ''),
      modRevision: String(revision),
    },
  }));
}

/** What a server sends from a revision on: whole revisions per message, messages in fragments. */
function* answers(
  all: readonly KvChange[],
  from: number,
  dice: () => number,
): Generator<WatchAnswer> {
  const latest = all.at(-1)?.revision ?? 0;
  yield message([], latest, { created: true });
  const left = all.filter(({ revision }) => revision >= from);
  while (left.length > 0) {
    const batch = left.splice(0, 1 + (dice() % 3));
    const events = batch.flatMap(({ revision, ops }) => eventsOf(revision, ops));
    while (events.length > 0) {
      const part = events.splice(0, 1 + (dice() % 3));
      // The header may be ahead of what was sent.
      yield message(part, latest, { fragment: events.length > 0 });
    }
    const upTo = batch.at(-1)?.revision ?? 0;
    if (left.length === 0 && dice() % 2 === 0) yield message([], Math.max(latest, upTo));
  }
}

test('should put transactions together, across fragments and lost connections', () => {
  fc.assert(
    fc.property(changes, fc.infiniteStream(fc.nat(11)), (all, stream) => {
      const dice = (): number => Number(stream.next().value);
      const seen: KvChange[] = [];
      let after = 0;
      for (let connection = 0; connection < 40; connection++) {
        const groups = new ChangeGroups('p/', after);
        for (const answer of answers(all, after + 1, dice)) {
          if (connection < 39 && dice() === 0) break;
          seen.push(...groups.take(answer));
        }
        after = groups.seen;
      }
      expect(seen).toEqual(all);
      expect(after).toBe(all.at(-1)?.revision);
    }),
  );
});

test('given news of progress, should go on after it; given a header among events, should not', () => {
  const groups = new ChangeGroups('p/', 5);
  groups.take(message([], 9, { created: true }));
  expect(groups.seen).toBe(5);
  groups.take(message(eventsOf(7, [{ op: 'delete', key: 'a' }]), 9));
  expect(groups.seen).toBe(7);
  groups.take(message([], 12));
  expect(groups.seen).toBe(12);
});
