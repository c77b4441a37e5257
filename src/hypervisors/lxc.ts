/**
 * Linux containers, seen from the deciding side. They share the node's kernel, so that there is
 * nothing to boot; what they may touch is text that only the node can judge.
 */
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { cpuMask } from './cpu-mask.js';
import { describeHypervisor } from './describe.js';
import { notNegative } from './forms.js';
import { optional, type RuleTable, required } from './syntax.js';

const RULES: RuleTable = {
  cpu_mask: optional(cpuMask),
  num_ttys: required(notNegative),
  startup_timeout: optional(notNegative),
};

/**
 * The `lxc` hypervisor. Its parameters and their rules are those of Ganeti's support for
 * containers: one CPU mask for the whole container, in which `all` has no meaning.
 * @public
 */
export function lxcHypervisor(): Hypervisor {
  return describeHypervisor({
    hypervisor: 'lxc',
    table: HYPERVISOR_PARAMS.lxc,
    rules: RULES,
    combinations: [],
  });
}
