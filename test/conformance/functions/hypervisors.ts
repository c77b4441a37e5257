/**
 * Parameters of hypervisors: first their types, then their syntax, on top of a new cluster's values.
 */
import { allHypervisors } from '../../../src/hypervisors/all.js';
import { readHvParams } from '../../../src/instance-create/args/params.js';
import type { HypervisorName } from '../../../src/model/hypervisor.js';
import type { Params } from '../../../src/model/params.js';
import type { FunctionTable } from './types.js';

/** The functions. */
export const TABLE: FunctionTable = {
  CheckParameterSyntax: (args) => {
    const name = args.get<HypervisorName>('hypervisor');
    const hypervisor = allHypervisors().find((one) => one.name === name);
    const initial = Object.entries(hypervisor?.params ?? {}).map(([key, row]) => [
      key,
      row.default,
    ]);
    const given = readHvParams(args.get<Params>('params'), name);
    hypervisor?.checkSyntax({ ...(Object.fromEntries(initial) as Params), ...given });
  },
};
