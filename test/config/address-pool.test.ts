/**
 * Address pools as sets of numbers: compared with a list that is searched from the start.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressCursors } from '../../src/config/address-cursors.js';
import { lowestFree, placeIn, poolOf } from '../../src/model/address-pool.js';
import { formatIpv4, parseCidr, parseIpv4 } from '../../src/model/ipv4.js';
import { NETWORK, WORLD } from '../../src/testing/contracts/config-world.js';

const ends = (most: number): fc.Arbitrary<readonly string[]> =>
  fc
    .uniqueArray(fc.nat({ max: most }))
    .map((numbers) => numbers.map((end) => `172.16.9.${240 + end}`));

test('the lowest free address should be the first that nothing keeps or has', () => {
  fc.assert(
    fc.property(ends(20), ends(20), ends(20), (reservedIps, strayIps, taken) => {
      const cidr = '172.16.9.240/29';
      const pool = poolOf({ cidr, reservedIps, strayIps });
      const all = Array.from({ length: 8 }, (_, end) => `172.16.9.${240 + end}`);
      const kept = new Set([...reservedIps, ...strayIps]);

      const found = lowestFree(pool, (number) => taken.includes(formatIpv4(number)));

      const wanted = all.find((address) => !kept.has(address) && !taken.includes(address));
      expect(found === undefined ? undefined : formatIpv4(found)).toBe(wanted);
      for (const address of all) {
        expect(placeIn(pool, address)).toBe(
          strayIps.includes(address) ? 'stray' : kept.has(address) ? 'reserved' : 'pool',
        );
      }
    }),
  );
});

test.each(['172.16.9.239', '172.16.9.248', '::1', 'pool', '', '172.16.9'])(
  'should see %s outside of a network',
  (address) => {
    expect(placeIn(poolOf({ cidr: '172.16.9.240/29', reservedIps: [] }), address)).toBe('outside');
  },
);

test('numbers should come back from addresses, up to the last one', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), (number) => {
      expect(parseIpv4(formatIpv4(number))).toBe(number);
    }),
  );
  expect(parseCidr('255.255.255.255/32')).toEqual({ first: 2 ** 32 - 1, last: 2 ** 32 - 1 });
  expect(parseCidr('10.1.2.3/16')).toEqual(parseCidr('10.1.0.0/16'));
});

test('a cursor should draw what a search from the start would, whatever is freed meanwhile', () => {
  const [lan] = WORLD.networks ?? [];
  if (lan === undefined) throw new Error('the world has a network');
  const network = { ...lan, cidr: '10.0.0.0/28', reservedIps: ['10.0.0.0', '10.0.0.7'] };
  const pool = poolOf(network);
  const step = fc.oneof(fc.constant('draw' as const), fc.nat({ max: 15 }));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const cursors = new AddressCursors();
      const taken = new Set<string>();
      for (const one of steps) {
        if (one === 'draw') {
          const drawn = cursors.lowest(network, (address) => taken.has(address));
          const lowest = lowestFree(pool, (number) => taken.has(formatIpv4(number)));
          expect(drawn).toBe(lowest === undefined ? undefined : formatIpv4(lowest));
          if (drawn !== undefined) taken.add(drawn);
        } else if (taken.delete(`10.0.0.${one}`)) {
          cursors.freed(`${NETWORK}/10.0.0.${one}`);
        }
      }
    }),
  );
});
