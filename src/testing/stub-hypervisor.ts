/**
 * A hypervisor that accepts every parameter it knows, whatever the value's form.
 */
import { refuse } from '../errors.js';
import { HYPERVISOR_FACTS, type HypervisorName } from '../model/hypervisor.js';
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import { coerceParam, type Params, type ParamTable } from '../model/params.js';
import type { Hypervisor } from '../ports/hypervisor.js';

/**
 * The real tables; only names and types are checked.
 * @public
 */
export class StubHypervisor implements Hypervisor {
  readonly name: HypervisorName;
  readonly params: ParamTable;
  readonly needsPort: boolean;
  readonly guestDiskPrefix?: string;

  constructor(name: HypervisorName) {
    this.name = name;
    this.params = HYPERVISOR_PARAMS[name];
    const { needsPort, guestDiskPrefix } = HYPERVISOR_FACTS[name];
    this.needsPort = needsPort;
    if (guestDiskPrefix !== undefined) this.guestDiskPrefix = guestDiskPrefix;
  }

  /** A test that wants more checks passes the real hypervisor. */
  checkSyntax(params: Params): void {
    for (const [name, value] of Object.entries(params)) {
      const spec = Object.hasOwn(this.params, name) ? this.params[name] : undefined;
      if (spec === undefined) refuse.input(`'${this.name}' has no parameter '${name}'`);
      else if (coerceParam(spec.type, value) === undefined) {
        refuse.input(`Parameter '${name}' of '${this.name}' must be of type ${spec.type}`);
      }
    }
  }
}
