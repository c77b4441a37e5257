/**
 * Instances that are a directory with a script to start and stop them, seen from the deciding side.
 */
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { describeHypervisor } from './describe.js';
import { absolutePath } from './forms.js';
import { required } from './syntax.js';

/**
 * The `chroot` hypervisor. Its one parameter, as in Ganeti, is the script inside the directory.
 * @public
 */
export function chrootHypervisor(): Hypervisor {
  return describeHypervisor({
    hypervisor: 'chroot',
    table: HYPERVISOR_PARAMS.chroot,
    rules: { init_script: required(absolutePath) },
    combinations: [],
  });
}
