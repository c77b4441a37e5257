/**
 * The fake hypervisor, seen from the deciding side: for tests and rehearsals. It has one parameter,
 * and that only because every cluster can set it.
 */
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { describeHypervisor } from './describe.js';
import { MIGRATION_MODE } from './shared-rules.js';

/**
 * The `fake` hypervisor: instances that only seem to run.
 * @public
 */
export function fakeHypervisor(): Hypervisor {
  return describeHypervisor({
    hypervisor: 'fake',
    table: HYPERVISOR_PARAMS.fake,
    rules: { migration_mode: MIGRATION_MODE },
    combinations: [],
  });
}
