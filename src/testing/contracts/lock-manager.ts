/**
 * What every lock manager promises, as tests that its author runs with any test runner. Owns no
 * manager: the fixture brings one.
 */
import { FENCE_CHECKS } from './lock-fences.js';
import { GRANT_CHECKS } from './lock-grants.js';
import { WAIT_CHECKS } from './lock-waits.js';
import { type LockManagerFixture, LockWorld } from './lock-world.js';

export type { LockManagerFixture, SharedLocksFixture } from './lock-world.js';

/**
 * How to run the contract.
 * @public
 */
export interface LockManagerContract {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes a manager to be tried. */
  readonly make: () => Promise<LockManagerFixture>;
}

/**
 * Declares the tests of the lock port's promises.
 * @public
 */
export function lockManagerContract({ test, make }: LockManagerContract): void {
  const checks = { ...GRANT_CHECKS, ...WAIT_CHECKS, ...FENCE_CHECKS };
  for (const [name, check] of Object.entries(checks)) {
    test(`locks: ${name}`, async () => {
      const fixture = await make();
      try {
        await check(new LockWorld(fixture));
      } finally {
        await fixture.dispose();
      }
    });
  }
}
