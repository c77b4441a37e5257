/**
 * The beginnings of chains, against two plain maps: one of heads, one of the lines before them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Front, Heads } from '../../src/locks/heads.js';
import { Grant, type Hold } from '../../src/locks/hold.js';
import type { LockName } from '../../src/model/lock.js';
import { ownerId } from '../../src/ports/lock-manager.js';

test('a head is kept whether or not somebody stands before it', () => {
  const act = fc.tuple(fc.constantFrom('hold', 'hold', 'free', 'open', 'close'), fc.nat(4));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const heads = new Heads<Front>();
      const [holds, fronts] = [new Map<LockName, Hold>(), new Map<LockName, Front>()];
      for (const [act, number] of acts) {
        const lock: LockName = `node/${number}`;
        const [head, front] = [holds.get(lock), fronts.get(lock)];
        if (act === 'hold') {
          const hold = new Grant(ownerId('p'), lock, 3, 'shared', 0);
          heads.replace(lock, heads.entry(lock), hold);
          holds.set(lock, hold);
        } else if (act === 'free' && head !== undefined) {
          heads.replace(lock, heads.entryBefore(lock, head), undefined);
          holds.delete(lock);
        } else if (act === 'open' && front === undefined) {
          const line = { head };
          heads.open(lock, line);
          fronts.set(lock, line);
        } else if (act === 'close' && front !== undefined) {
          heads.close(lock, front);
          fronts.delete(lock);
        }
        expect(heads.head(lock)).toBe(holds.get(lock));
        expect(heads.front(lock)).toBe(fronts.get(lock));
        expect(heads.entry(lock)).toBe(fronts.get(lock) ?? holds.get(lock));
        expect(new Set(heads.all())).toEqual(new Set(holds.values()));
      }
    }),
  );
});
