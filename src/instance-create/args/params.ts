/**
 * Brings hypervisor and backend parameters to their types. Which values make sense together is
 * looked at later, when all layers are filled in.
 */
import { refuse } from '../../errors.js';
import { BE_PARAMS, type BeParams } from '../../model/be-params.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import { HYPERVISOR_PARAMS } from '../../model/hypervisor-params.js';
import { coerceParam, type Params, type ParamType, type ParamValue } from '../../model/params.js';
import type { OddRequests } from './odd-requests.js';

/** Takes the cluster's value of now. */
const AUTO = 'auto';

/** Types by the names of parameters. */
export type TypeTable = Readonly<Record<string, { readonly type: ParamType }>>;

/** The hypervisor: the given one, else the first that is enabled. */
export function readHypervisor(
  wanted: HypervisorName | undefined,
  enabled: readonly HypervisorName[],
): HypervisorName {
  const hypervisor = wanted ?? enabled[0];
  if (hypervisor === undefined)
    return refuse.state('The cluster enables no hypervisor; enable one');
  if (enabled.includes(hypervisor)) return hypervisor;
  return refuse.state(
    `Hypervisor '${hypervisor}' is not enabled; choose one of: ${enabled.join(', ')}`,
  );
}

/**
 * Hypervisor parameters, each of its type. One that only another hypervisor has passes here, and is
 * refused by the check of the syntax: clients of Ganeti tell the two mistakes apart.
 */
export function readHvParams(given: Params, hypervisor: HypervisorName): Params {
  const own = HYPERVISOR_PARAMS[hypervisor];
  const types = (name: string): ParamType | undefined =>
    [own, ...Object.values(HYPERVISOR_PARAMS)].find((table) => Object.hasOwn(table, name))?.[name]
      ?.type;
  return coerced(given, types, `hypervisor ${hypervisor}`, Object.keys(own));
}

/** Refuses parameters that are the cluster's alone. */
export function refuseGlobals(given: Params): void {
  const tables = Object.values(HYPERVISOR_PARAMS);
  const global = Object.keys(given).filter((name) =>
    tables.some((table) => Object.hasOwn(table, name) && table[name]?.global === true),
  );
  if (global.length === 0) return;
  refuse.input(`${global.join(', ')}: set for the whole cluster; an instance cannot differ`);
}

/**
 * Backend parameters, each of its type; `defaults` are the cluster's. Ganeti looks at the types
 * only, so that a negative number of processors passes.
 */
export function readBeParams(
  given: Params,
  defaults: BeParams,
  oddRequests: OddRequests,
): Partial<BeParams> {
  const read = coerceParams(withoutShorthand(settled(given, defaults)), BE_PARAMS, 'the backend');
  for (const [name, value] of Object.entries(read)) {
    if (oddRequests === 'refused' && typeof value === 'number' && value < 0) {
      refuse.input(`Parameter ${name} of the backend: ${value} is below 0`);
    }
  }
  return read;
}

/** The cluster's values of now in place of `auto`. */
function settled(given: Params, defaults: BeParams): Params {
  const values: Readonly<Record<string, ParamValue>> = { ...defaults };
  const read = Object.entries(given).map(([name, value]) => {
    if (value !== AUTO) return [name, value];
    const own = Object.hasOwn(values, name) ? values[name] : undefined;
    if (own !== undefined) return [name, own];
    return refuse.input(`Parameter ${name} of the backend cannot be 'auto'; give a value`);
  });
  return Object.fromEntries(read) as Params;
}

/** `memoryMib` stands for both bounds and wins over them (Ganeti's `UpgradeBeParams`). */
export function withoutShorthand({ memoryMib, ...others }: Record<string, ParamValue>): Params {
  return memoryMib === undefined
    ? others
    : { ...others, maxMemMib: memoryMib, minMemMib: memoryMib };
}

/**
 * Parameters, each of its type (Ganeti's `ForceDictType`). Throws `PrereqError` about
 * `parameter-type` if one is unknown or cannot be brought to its type.
 */
export function coerceParams(given: Params, table: TypeTable, owner: string): Params {
  const types = (name: string): ParamType | undefined =>
    Object.hasOwn(table, name) ? table[name]?.type : undefined;
  return coerced(given, types, owner, Object.keys(table));
}

function coerced(
  given: Params,
  types: (name: string) => ParamType | undefined,
  owner: string,
  known: readonly string[],
): Params {
  const about = 'parameter-type';
  const read = Object.entries(given).map(([name, value]) => {
    const type = types(name);
    if (type === undefined) {
      return refuse.input(
        `Parameter ${name} is unknown to ${owner}; it knows ${known.join(', ')}`,
        {
          about,
        },
      );
    }
    const result = coerceParam(type, value);
    if (result !== undefined) return [name, result];
    return refuse.input(`Parameter ${name} of ${owner}: '${value}' is not of type ${type}`, {
      about,
    });
  });
  return Object.fromEntries(read) as Params;
}
