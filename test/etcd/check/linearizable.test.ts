/** The checker finds what brute force finds, and what a reader would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLinearizable, type Timed } from './linearizable.js';
import { GROWING_SET, GUARDED, type GuardedOp, REGISTER, type RegisterOp } from './models.js';

const read = (value: string | undefined): RegisterOp => ({ kind: 'read', value });
const write = (value: string): RegisterOp => ({ kind: 'write', value });
const at = <Op>(op: Op, begin: number, end?: number): Timed<Op> => ({ op, begin, end });

/** Tries every order of every choice of the operations whose outcome is unknown. */
function bruteForce(history: readonly Timed<RegisterOp>[]): boolean {
  const search = (left: readonly Timed<RegisterOp>[], state: typeof REGISTER.initial): boolean => {
    if (left.every(({ end }) => end === undefined)) return true;
    return left.some((next) => {
      const others = left.filter((other) => other !== next);
      if (others.some(({ end }) => end !== undefined && end < next.begin)) return false;
      const after = REGISTER.apply(state, next.op);
      return after !== undefined && search(others, after);
    });
  };
  return search(history, REGISTER.initial);
}

const value = fc.constantFrom('a', 'b', 'c');
const op: fc.Arbitrary<RegisterOp> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), value: fc.option(value, { nil: undefined }) }),
  fc.record({ kind: fc.constant('write' as const), value }),
  fc.record({
    kind: fc.constant('cas' as const),
    from: fc.option(value, { nil: undefined }),
    to: value,
    done: fc.option(fc.boolean(), { nil: undefined }),
  }),
);
const timed: fc.Arbitrary<Timed<RegisterOp>> = fc
  .record({ op, begin: fc.nat(12), lasts: fc.nat(8), isKnown: fc.nat(4).map((n) => n > 0) })
  .map(({ op: what, begin, lasts, isKnown }) =>
    at(what, begin, isKnown ? begin + lasts : undefined),
  );

test('should say what trying all orders says', () => {
  const said = { true: 0, false: 0 };
  fc.assert(
    fc.property(fc.array(timed, { maxLength: 7 }), (history) => {
      const expected = bruteForce(history);
      said[`${expected}`] += 1;
      expect(isLinearizable(REGISTER, history)).toBe(expected);
    }),
    { numRuns: 3_000 },
  );
  // Both answers occurred often, so agreeing means something.
  expect(Math.min(said.true, said.false)).toBeGreaterThan(200);
});

test('given a read of what was overwritten before it began, should refuse', () => {
  const stale = [at(write('a'), 1, 2), at(write('b'), 3, 4), at(read('a'), 5, 6)];
  expect(isLinearizable(REGISTER, stale)).toBe(false);
  const overlapping = [at(write('a'), 1, 2), at(write('b'), 3, 6), at(read('a'), 4, 5)];
  expect(isLinearizable(REGISTER, overlapping)).toBe(true);
});

test('given a write that nobody knows of, should allow it late, never, but not twice', () => {
  const unknown = at(write('a'), 1);
  expect(isLinearizable(REGISTER, [unknown, at(read(undefined), 2, 3)])).toBe(true);
  expect(isLinearizable(REGISTER, [unknown, at(read(undefined), 2, 3), at(read('a'), 8, 9)])).toBe(
    true,
  );
  const twice = [at(read('a'), 2, 3), at(write('b'), 4, 5), at(read('b'), 6, 7)];
  expect(isLinearizable(REGISTER, [unknown, ...twice, at(read('a'), 8, 9)])).toBe(false);
});

test('given two that both won the same compare-and-set, should refuse', () => {
  const won = (to: string) => ({ kind: 'cas', from: undefined, to, done: true }) as const;
  expect(isLinearizable(REGISTER, [at(won('a'), 1, 9), at(won('b'), 2, 8)])).toBe(false);
});

test('given a set that has lost what was added, should refuse', () => {
  const added = at({ kind: 'add', element: 'x' } as const, 1, 2);
  const list = (elements: readonly string[]) => ({ kind: 'list', elements }) as const;
  expect(isLinearizable(GROWING_SET, [added, at(list(['x']), 3, 4)])).toBe(true);
  expect(isLinearizable(GROWING_SET, [added, at(list([]), 3, 4)])).toBe(false);
});

describe('given a register that is written under a lock', () => {
  const take = (owner: string) => ({ kind: 'take', owner }) as const;
  const give = (owner: string) => ({ kind: 'give', owner }) as const;
  const put = (owner: string, value: string, done?: boolean): GuardedOp => ({
    kind: 'write',
    owner,
    value,
    done,
  });
  const inherit = { kind: 'inherit', owner: 'p', heir: 'heir' } as const;
  const judge = (...history: readonly Timed<GuardedOp>[]) => isLinearizable(GUARDED, history);

  test('should refuse two that have it at once', () => {
    expect(judge(at(take('p'), 1, 2), at(give('p'), 3, 6), at(take('q'), 4, 5))).toBe(true);
    expect(judge(at(take('p'), 1, 2), at(take('q'), 4, 5), at(give('p'), 6, 7))).toBe(false);
  });

  test('should refuse a late write that was let through, and a refusal of one in time', () => {
    const passedOn = [at(take('p'), 1, 2), at(inherit, 3, 4)];
    expect(judge(...passedOn, at(put('p', 'late', true), 5, 6))).toBe(false);
    expect(judge(...passedOn, at(put('p', 'late', false), 5, 6))).toBe(true);
    expect(judge(...passedOn, at(put('heir', 'x', true), 5, 6))).toBe(true);
    expect(judge(at(take('p'), 1, 2), at(put('p', 'x', false), 3, 4))).toBe(false);
  });

  test('should refuse a lost write', () => {
    const written = [at(take('p'), 1, 2), at(put('p', 'x', true), 3, 4)];
    const read = (value: string | undefined) => ({ kind: 'read', owner: 'p', value }) as const;
    expect(judge(...written, at(read('x'), 5, 6))).toBe(true);
    expect(judge(...written, at(read(undefined), 5, 6))).toBe(false);
  });
});

test('given thousands of operations, should answer soon', () => {
  const history: Timed<RegisterOp>[] = [];
  for (let n = 0; n < 1_000; n++) {
    history.push(at(write(`v${n}`), 4 * n, 4 * n + 6), at(read(`v${n}`), 4 * n + 3, 4 * n + 7));
  }
  expect(isLinearizable(REGISTER, history)).toBe(true);
});
