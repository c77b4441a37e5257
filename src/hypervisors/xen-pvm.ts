/**
 * Xen's guests that know of being guests, seen from the deciding side. They boot a kernel of the
 * node, or one that a boot loader finds on their own disk.
 */
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { describeHypervisor } from './describe.js';
import { absolutePath, between, notNegative } from './forms.js';
import { optional, type RuleTable } from './syntax.js';
import { XEN_RULES } from './xen-rules.js';

const RULES: RuleTable = {
  ...XEN_RULES,
  bootloader_path: optional(absolutePath),
  cpu_cap: optional(notNegative),
  cpu_weight: optional(between(1, 65535)),
  initrd_path: optional(absolutePath),
};

/**
 * The `xen-pvm` hypervisor. Its parameters and their rules are those of Ganeti's support for
 * paravirtual guests of Xen: a kernel is required even where a boot loader is used.
 * @public
 */
export function xenPvmHypervisor(): Hypervisor {
  return describeHypervisor({
    hypervisor: 'xen-pvm',
    table: HYPERVISOR_PARAMS['xen-pvm'],
    rules: RULES,
    combinations: [],
  });
}
