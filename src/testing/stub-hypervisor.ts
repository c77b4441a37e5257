/**
 * A hypervisor that accepts every parameter it knows.
 */
import { HYPERVISOR_FACTS, type HypervisorName } from '../model/hypervisor.js';
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { ParamTable } from '../model/params.js';
import type { Hypervisor } from '../ports/hypervisor.js';

/**
 * The real tables, no syntax checks.
 * @public
 */
export class StubHypervisor implements Hypervisor {
  readonly name: HypervisorName;
  readonly params: ParamTable;
  readonly needsPort: boolean;

  constructor(name: HypervisorName) {
    this.name = name;
    this.params = HYPERVISOR_PARAMS[name];
    this.needsPort = HYPERVISOR_FACTS[name].needsPort;
  }

  /** Everything is fine. */
  checkSyntax(): void {
    // Nothing to check: a test that wants checks passes the real hypervisor.
  }
}
