/**
 * The book of owners, against two plain maps: one of highest holds, one of requests that wait.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Grant, type Hold } from '../../src/locks/hold.js';
import { Owners, waiterIn } from '../../src/locks/owners.js';
import { Waiter } from '../../src/locks/waiter.js';
import { type OwnerId, ownerId } from '../../src/ports/lock-manager.js';

const OWNERS = 2;

/** More than are kept of those who are not here. */
const MANY = 300;

test('an owner is known by what it holds and waits for, whoever was expected', () => {
  const kind = fc.constantFrom('hold', 'hold', 'free', 'open', 'close', 'seat', 'expect', 'crowd');
  const act = fc.tuple(kind, fc.nat(OWNERS - 1));
  fc.assert(
    fc.property(fc.array(act, { minLength: 100, maxLength: 200 }), (acts) => {
      const owners = new Owners();
      const [holds, waiters] = [new Map<OwnerId, Hold>(), new Map<OwnerId, Waiter>()];
      /** All that were ever holds: anybody may have been expected at any time. */
      const ever: Hold[] = [];
      for (const [act, number] of acts) {
        const owner = ownerId(`owner-${number}`);
        const waiter = waiters.get(owner);
        if (act === 'hold') {
          const hold = new Grant(owner, 'node/a', 3, 'shared', 0);
          owners.replace(owner, owners.entry(owner), hold);
          holds.set(owner, hold);
          ever.push(hold);
        } else if (act === 'free' && holds.delete(owner)) {
          owners.replace(owner, owners.entryOfLeaver(owner), undefined);
        } else if (act === 'open' && waiter === undefined) {
          const newcomer = new Waiter(owner, 'node/b', 3, 'shared', 0);
          owners.open(newcomer, owners.entry(owner));
          waiters.set(owner, newcomer);
        } else if (act === 'close' && waiter !== undefined) {
          owners.close(waiter);
          waiters.delete(owner);
        } else if (act === 'seat' && waiter !== undefined) {
          owners.seat(waiter, waiter);
          waiters.delete(owner);
          holds.set(owner, waiter);
          ever.push(waiter);
        } else if (act === 'expect') owners.expect(ever.at(-1 - number));
        else if (act === 'crowd') comeAndGo(owners);
        for (let at = 0; at < OWNERS; at++) {
          const each = ownerId(`owner-${at}`);
          expect(owners.head(each)).toBe(holds.get(each));
          expect(owners.waiter(each)).toBe(waiters.get(each));
          const entry = owners.entryOfLeaver(each);
          expect([entry?.head, waiterIn(entry)]).toEqual([holds.get(each), waiters.get(each)]);
        }
        expect(owners.waiting).toBe(waiters.size);
        expect(new Set(owners.all())).toEqual(new Set(waiters.values()));
      }
    }),
  );
});

test('owners who do not come back are forgotten, whether or not they waited or got it', () => {
  const owners = new Owners();
  const staying = new Grant(ownerId('staying'), 'node/b', 3, 'shared', 0);
  owners.replace(staying.owner, undefined, staying);
  for (let at = 0; at < 10 * MANY; at++) {
    const owner = ownerId(`owner-${at}`);
    const waiter = new Waiter(owner, 'node/a', 3, 'shared', 0);
    if (at % 3 === 0) owners.replace(owner, undefined, new Grant(owner, 'node/a', 3, 'shared', 0));
    else owners.open(waiter, undefined);
    if (at % 3 === 1) owners.close(waiter);
    if (at % 3 === 2) owners.seat(waiter, waiter);
    owners.replace(owner, owners.entry(owner), undefined);
    expect(owners.kept).toBeLessThan(MANY);
  }
  expect(owners.head(staying.owner)).toBe(staying);
});

/** So many owners wait and go that all are forgotten who are not here. */
function comeAndGo(owners: Owners): void {
  for (let at = 0; at < MANY; at++) {
    const waiter = new Waiter(ownerId(`crowd-${at}`), 'node/c', 3, 'shared', 0);
    owners.open(waiter, undefined);
    owners.close(waiter);
  }
}
