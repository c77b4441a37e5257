/**
 * What every source of identifiers promises, as tests that its author runs with any test runner.
 * Owns no source: the fixture brings one. A good source fails by chance less than once in 10⁹ runs.
 */
import assert from 'node:assert/strict';
import type { Ids } from '../../ports/clock.js';
import { type Checks, type ContractFixture, declareChecks, type PortContract } from './declare.js';

/**
 * A source of identifiers to be tried.
 * @public
 */
export interface IdsFixture extends ContractFixture {
  /** The source. */
  readonly ids: Ids;
}

/**
 * Declares the tests of the promises about identifiers and randomness.
 * @public
 */
export function idsContract(contract: PortContract<IdsFixture>): void {
  declareChecks('ids', CHECKS, contract);
}

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const CHECKS: Checks<IdsFixture> = {
  'should draw UUIDs of version 4 in lower case, each a fresh one': ({ ids }) => {
    const drawn = times(1000, () => ids.uuid());
    for (const uuid of drawn) assert.match(uuid, UUID_V4);
    assert.equal(new Set(drawn).size, drawn.length);
    return Promise.resolve();
  },

  'should draw as many bytes as asked for, as lower-case digits': ({ ids }) => {
    for (const count of [0, 1, 3, 16, 511, 512, 513, 5000]) {
      assert.match(ids.hex(count), new RegExp(`^([0-9a-f]{2}){${count}}$`), `${count} bytes`);
    }
    return Promise.resolve();
  },

  'should draw every byte, and never the same bytes again': ({ ids }) => {
    const drawn = times(1000, () => ids.hex(8));
    const bytes = drawn.flatMap((hex) => hex.match(/../g) ?? []);
    assert.equal(new Set(bytes).size, 256);
    assert.equal(new Set(drawn).size, drawn.length);
    return Promise.resolve();
  },

  'should draw whole numbers below the limit, each of them': ({ ids }) => {
    assert.deepEqual(
      times(5, () => ids.integer(1)),
      [0, 0, 0, 0, 0],
    );
    const drawn = times(500, () => ids.integer(7)).sort((a, b) => a - b);
    assert.deepEqual([...new Set(drawn)], [0, 1, 2, 3, 4, 5, 6]);
    for (const number of times(100, () => ids.integer(2 ** 40))) {
      assert.ok(Number.isInteger(number) && number >= 0 && number < 2 ** 40, `${number}`);
    }
    return Promise.resolve();
  },
};

function times<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw);
}
