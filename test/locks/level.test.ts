/**
 * The order of locks.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareLocks, lockName, rankOf, wholeSet } from '../../src/locks/level.js';
import { LOCK_LEVELS, type LockName } from '../../src/model/lock.js';

const lock = fc
  .tuple(
    fc.constantFrom(...LOCK_LEVELS),
    fc.oneof(fc.constant('[lockset]'), fc.string({ unit: 'binary', minLength: 1 })),
  )
  .map(([level, name]) => lockName(level, name));

test('the level of a lock is the part before the first slash', () => {
  for (const [rank, level] of LOCK_LEVELS.entries()) {
    expect(rankOf(lockName(level, 'a/b'))).toBe(rank);
    expect(rankOf(wholeSet(level))).toBe(rank);
  }
});

test.each(['', 'node', 'node/', '/a', 'nodes/a', 'Node/a', 'nodegroups/a', 'constructor/a'])(
  "'%s' is no lock",
  (name) => expect(() => rankOf(name as LockName)).toThrow('is no name of a lock'),
);

test('locks are ordered by level, whole set first, then by code point', () => {
  const names: LockName[] = [
    'instance/[lockset]',
    'instance/Z',
    'instance/a',
    'instance/a.b',
    'instance/ab',
    'instance/\uffff',
    'instance/\u{10000}',
    'node/[lockset]',
    'node/0',
    'node/a',
    'node-res/[lockset]',
    'network/0',
  ];
  expect([...names].reverse().sort(compare)).toEqual(names);
});

test('the order is total', () => {
  fc.assert(
    fc.property(lock, lock, lock, (a, b, c) => {
      expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
      expect(compare(a, b) === 0).toBe(a === b);
      if (compare(a, b) < 0 && compare(b, c) < 0) expect(compare(a, c)).toBeLessThan(0);
    }),
  );
});

function compare(a: LockName, b: LockName): number {
  return compareLocks({ lock: a, rank: rankOf(a) }, { lock: b, rank: rankOf(b) });
}
