/**
 * The beginnings of chains, against two plain maps: one of heads, one of those who stand before and
 * may become heads themselves.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heads } from '../../src/locks/heads.js';
import { Grant, type Hold } from '../../src/locks/hold.js';
import { Waiter } from '../../src/locks/waiter.js';
import { ownerId } from '../../src/ports/lock-manager.js';

test('a head is kept whether or not somebody stands before it', () => {
  const act = fc.tuple(fc.constantFrom('hold', 'hold', 'free', 'open', 'close', 'seat'), fc.nat(4));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const heads = new Heads<string, Waiter>();
      const [holds, fronts] = [new Map<string, Hold>(), new Map<string, Waiter>()];
      for (const [act, number] of acts) {
        const key = `key-${number}`;
        const [head, front] = [holds.get(key), fronts.get(key)];
        if (act === 'hold') {
          const hold = new Grant(ownerId(key), 'node/a', 3, 'shared', 0);
          heads.replace(key, heads.entry(key), hold);
          holds.set(key, hold);
        } else if (act === 'free' && head !== undefined) {
          heads.replace(key, heads.entryBefore(key, head), undefined);
          holds.delete(key);
        } else if (act === 'open' && front === undefined) {
          const waiter = new Waiter(ownerId(key), 'node/b', 3, 'shared', 0);
          waiter.parked = waiter;
          waiter.head = head;
          heads.open(key, waiter);
          fronts.set(key, waiter);
        } else if (act === 'close' && front !== undefined) {
          heads.close(key, front);
          fronts.delete(key);
        } else if (act === 'seat' && front !== undefined) {
          front.parked = undefined;
          heads.seat(key, front, front);
          fronts.delete(key);
          holds.set(key, front);
        }
        expect(heads.head(key)).toBe(holds.get(key));
        expect(heads.front(key)).toBe(fronts.get(key));
        expect(heads.entry(key)).toBe(fronts.get(key) ?? holds.get(key));
        expect(heads.fronts).toBe(fronts.size);
        expect(new Set(heads.heads())).toEqual(new Set(holds.values()));
        expect(new Set(heads.all())).toEqual(new Set(fronts.values()));
      }
    }),
  );
});
