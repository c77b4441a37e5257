/**
 * What every hypervisor promises to the deciding side, as tests that its author runs with any test
 * runner. Owns no hypervisor: the fixture brings one.
 */
import assert from 'node:assert/strict';
import { HYPERVISOR_FACTS, HYPERVISOR_NAMES } from '../../model/hypervisor.js';
import {
  coerceParam,
  type Params,
  type ParamTable,
  type ParamType,
  type ParamValue,
} from '../../model/params.js';
import type { Hypervisor } from '../../ports/hypervisor.js';
import { type Checks, type ContractFixture, declareChecks, type PortContract } from './declare.js';
import { fails } from './fails.js';

/**
 * A hypervisor to be tried.
 * @public
 */
export interface HypervisorFixture extends ContractFixture {
  /** The hypervisor. */
  readonly hypervisor: Hypervisor;
}

/**
 * Declares the tests of the hypervisor port's promises.
 * @public
 */
export function hypervisorContract(contract: PortContract<HypervisorFixture>): void {
  declareChecks('hypervisor', CHECKS, contract);
}

/** For each type a value that is none of it. */
const WRONG: Readonly<Record<ParamType, ParamValue>> = {
  string: 7,
  'maybe-string': 7,
  bool: 'perhaps',
  int: 'many',
  size: 'large',
  float: 'a half',
};

const CHECKS: Checks<HypervisorFixture> = {
  'should be one that the cluster knows, with the same facts': ({ hypervisor }) => {
    const { name, needsPort, guestDiskPrefix } = hypervisor;
    assert.ok(HYPERVISOR_NAMES.includes(name), name);
    const facts = guestDiskPrefix === undefined ? { needsPort } : { needsPort, guestDiskPrefix };
    assert.deepEqual(facts, HYPERVISOR_FACTS[name]);
    return Promise.resolve();
  },

  'should start with values of the right types, which it accepts': ({ hypervisor }) => {
    for (const [name, spec] of Object.entries(hypervisor.params)) {
      assert.equal(coerceParam(spec.type, spec.default), spec.default, name);
    }
    hypervisor.checkSyntax(Object.freeze(initial(hypervisor.params)));
    return Promise.resolve();
  },

  'should refuse values of a wrong type, and name the parameter': ({ hypervisor }) => {
    const params = initial(hypervisor.params);
    for (const [name, spec] of Object.entries(hypervisor.params)) {
      refused(hypervisor, { ...params, [name]: WRONG[spec.type] }, name);
    }
    return Promise.resolve();
  },

  'should refuse parameters that do not exist, and name them': ({ hypervisor }) => {
    const params = initial(hypervisor.params);
    for (const name of ['no_such_parameter', 'toString', 'constructor']) {
      refused(hypervisor, { ...params, [name]: 'x' }, name);
    }
    return Promise.resolve();
  },
};

function refused(hypervisor: Hypervisor, params: Params, parameter: string): void {
  const check = (): void => hypervisor.checkSyntax(params);
  assert.throws(check, fails('wrong_input'), parameter);
  assert.throws(check, (error: Error) => error.message.includes(`'${parameter}'`), parameter);
}

function initial(table: ParamTable): Params {
  const entries = Object.entries(table);
  return Object.fromEntries(entries.map(([name, spec]) => [name, spec.default]));
}
