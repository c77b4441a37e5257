/**
 * What the deciding side has to know of a hypervisor: its parameters and their syntax. Running
 * guests is the node's work.
 */
import type { HypervisorName } from '../model/hypervisor.js';
import type { Params, ParamTable } from '../model/params.js';

/**
 * A hypervisor, seen from the deciding side. It answers questions; nobody asks for its name to
 * decide something.
 * @public
 */
export interface Hypervisor {
  /** Its name. */
  readonly name: HypervisorName;
  /** The parameters that exist. */
  readonly params: ParamTable;
  /** Whether each instance gets a TCP port for its console. */
  readonly needsPort: boolean;
  /** How the guest's disks are called, up to the letter; absent: nobody knows. */
  readonly guestDiskPrefix?: string;
  /** Throws `PrereqError` `wrong_input` that names the parameter if the values cannot be right. */
  checkSyntax(params: Params): void;
}
