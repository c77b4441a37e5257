/**
 * Those who wait at one place, against a plain array, long enough to reach the points at which a
 * line tidies itself up.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Grant } from '../../src/locks/hold.js';
import { Line, precedes, type Standing } from '../../src/locks/line.js';
import type { LockMode } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';

interface Member extends Standing {
  readonly name: number;
}

test('a line keeps its members in order of precedence, whoever comes and goes', () => {
  const act = fc.record({
    act: fc.constantFrom('add', 'add', 'shift', 'remove'),
    dueMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) }),
    mode: fc.constantFrom<LockMode>('shared', 'exclusive'),
    at: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(act, { minLength: 150, maxLength: 250 }), (acts) => {
      const line = new Line<Member>('lock', 0, 'cluster/');
      let plain: Member[] = [];
      for (const [order, { act, dueMs, mode, at }] of acts.entries()) {
        const member: Member = { name: order, mode, waiter: { dueMs, order } };
        const known = plain[at % Math.max(1, plain.length)];
        if (act === 'add') {
          line.add(member);
          plain = [...plain, member].sort((a, b) => (precedes(a.waiter, b.waiter) ? -1 : 1));
        } else if (act === 'shift') {
          expect(line.shift()).toBe(plain.shift());
        } else if (known !== undefined) {
          line.remove(known);
          plain = plain.filter((each) => each !== known);
        }
        expect(line.size).toBe(plain.length);
        const ahead = plain.filter((each) => precedes(each.waiter, member.waiter));
        const behind = plain.filter((each) => precedes(member.waiter, each.waiter));
        expect([...line.ahead(member.waiter)]).toEqual(ahead);
        expect([...line.behind(member.waiter)]).toEqual(behind);
        expect(line.hasClashAhead(member.waiter, 'shared')).toBe(
          ahead.some((each) => each.mode === 'exclusive'),
        );
        expect(line.hasClashAhead(member.waiter, 'exclusive')).toBe(ahead.length > 0);
        expect(line.firstBehind(member.waiter, isShared)).toBe(behind.find(isShared));
      }
      expect([...line.behind(undefined)]).toEqual(plain);
    }),
    { numRuns: 8 },
  );
});

test('a line gives the room of those who left back', () => {
  const line = new Line<Member>('lock', 0, 'cluster/');
  const member = (order: number): Member => ({
    name: order,
    mode: 'shared',
    waiter: { dueMs: 0, order },
  });
  for (let order = 0; order < 1_000; order++) line.add(member(order));
  for (let order = 0; order < 900; order++) expect(line.shift()?.name).toBe(order);
  expect(line.size).toBe(100);
  expect(line.at(0)?.name).toBe(900);
  expect(line.at(99)?.name).toBe(999);
});

test('the first in a line may go when the owners of the lock agree with it', () => {
  const line = new Line<Member>('lock', 0, 'cluster/');
  const member = (order: number, mode: LockMode): Member => ({
    name: order,
    mode,
    waiter: { dueMs: 0, order },
  });
  expect([line.first, line.firstMayGo]).toEqual([undefined, false]);
  line.add(member(0, 'shared'));
  line.add(member(1, 'exclusive'));
  expect([line.first?.name, line.firstMayGo]).toEqual([0, true]);
  line.head = new Grant(ownerId('p'), 'node/a', 3, 'shared', 0);
  expect(line.firstMayGo).toBe(true);
  line.shift();
  expect([line.first?.name, line.firstMayGo]).toEqual([1, false]);
  line.head = undefined;
  expect(line.firstMayGo).toBe(true);
});

function isShared({ mode }: Member): boolean {
  return mode === 'shared';
}
