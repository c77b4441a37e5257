/**
 * Makes a hypervisor's description out of the model's facts and a set of syntax rules, so that a
 * new hypervisor is a table and nothing else.
 */
import { HYPERVISOR_FACTS } from '../model/hypervisor.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { checkSyntax, type SyntaxRules } from './syntax.js';

/** The description of the hypervisor that the rules belong to. */
export function describeHypervisor(rules: SyntaxRules): Hypervisor {
  return {
    ...HYPERVISOR_FACTS[rules.hypervisor],
    name: rules.hypervisor,
    params: rules.table,
    checkSyntax: (params) => checkSyntax(rules, params),
  };
}
