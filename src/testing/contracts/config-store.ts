/**
 * What every configuration promises, as tests that its author runs with any test runner. Owns no
 * store: the fixture brings one.
 */
import { COMMIT_CHECKS } from './config-commits.js';
import { READER_CHECKS } from './config-readers.js';
import { RESERVATION_CHECKS } from './config-reservations.js';
import { type ConfigStoreFixture, type ConfigWorld, WORLD } from './config-world.js';

export type { ConfigStoreFixture, ConfigWorld } from './config-world.js';

/**
 * How to run the contract.
 * @public
 */
export interface ConfigStoreContract {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes a configuration that holds what it is given. */
  readonly make: (world: ConfigWorld) => Promise<ConfigStoreFixture>;
}

/**
 * Declares the tests of the configuration port's promises.
 * @public
 */
export function configStoreContract({ test, make }: ConfigStoreContract): void {
  const checks = { ...READER_CHECKS, ...COMMIT_CHECKS, ...RESERVATION_CHECKS };
  for (const [name, check] of Object.entries(checks)) {
    test(`configuration: ${name}`, async () => {
      const fixture = await make(WORLD);
      try {
        await check(fixture);
      } finally {
        await fixture.dispose();
      }
    });
  }
}
