/**
 * What running a contract needs, whatever the port: the test runner's way to declare a test, and a
 * fresh fixture for each of them, which is disposed of afterwards.
 */

/**
 * What every fixture has.
 * @public
 */
export interface ContractFixture {
  /** Removes everything. */
  dispose(): Promise<void>;
}

/**
 * How to run a contract.
 * @public
 */
export interface PortContract<Fixture extends ContractFixture> {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes an adapter to be tried. */
  readonly make: () => Promise<Fixture>;
}

/** The promises of a port by what they say. */
export type Checks<Fixture> = Readonly<Record<string, (fixture: Fixture) => Promise<void>>>;

/** Declares one test per promise. */
export function declareChecks<Fixture extends ContractFixture>(
  port: string,
  checks: Checks<Fixture>,
  { test, make }: PortContract<Fixture>,
): void {
  for (const [name, check] of Object.entries(checks)) {
    test(`${port}: ${name}`, async () => {
      const fixture = await make();
      try {
        await check(fixture);
      } finally {
        await fixture.dispose();
      }
    });
  }
}
