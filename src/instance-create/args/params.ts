/**
 * Brings hypervisor and backend parameters to their types. Which values make sense together is
 * looked at later, when all layers are filled in.
 */
import { refuse } from '../../errors.js';
import { BE_PARAMS, type BeParams } from '../../model/be-params.js';
import type { Cluster } from '../../model/cluster.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import { coerceParam, type Params, type ParamTable, type ParamValue } from '../../model/params.js';

/** Takes the cluster's value of now. */
const AUTO = 'auto';

/** The hypervisor: the given one, else the first that is enabled. */
export function readHypervisor(
  wanted: HypervisorName | undefined,
  enabled: readonly HypervisorName[],
): HypervisorName {
  const hypervisor = wanted ?? enabled[0];
  if (hypervisor !== undefined && enabled.includes(hypervisor)) return hypervisor;
  return refuse.state(
    `Hypervisor '${hypervisor ?? ''}' is not enabled; choose one of: ${enabled.join(', ')}`,
  );
}

/** Hypervisor parameters, each of its type. Those of the cluster as a whole are refused. */
export function readHvParams(given: Params, table: ParamTable, hypervisor: string): Params {
  const owner = `hypervisor ${hypervisor}`;
  const read = Object.entries(given).map(([name, value]) => [
    name,
    coerced(name, value, table, owner),
  ]);
  const global = Object.keys(given).filter((name) => table[name]?.global === true);
  if (global.length > 0) {
    refuse.input(`${global.join(', ')}: set for the whole cluster; an instance cannot differ`);
  }
  return Object.fromEntries(read) as Params;
}

/** Backend parameters, each of its type. */
export function readBeParams(given: Params, cluster: Cluster): Partial<BeParams> {
  const read = Object.entries(withoutShorthand(given)).map(([name, value]) => {
    const wanted = value === AUTO ? defaultOf(name, cluster) : value;
    const result = coerced(name, wanted, BE_PARAMS, 'the backend');
    if (typeof result === 'number' && result < 0) {
      refuse.input(`Parameter ${name} of the backend: ${result} is below 0`);
    }
    return [name, result];
  });
  return Object.fromEntries(read) as Partial<BeParams>;
}

/** `memoryMib` stands for both bounds and wins over them (Ganeti's `UpgradeBeParams`). */
function withoutShorthand({ memoryMib, ...others }: Record<string, ParamValue>): Params {
  return memoryMib === undefined
    ? others
    : { ...others, maxMemMib: memoryMib, minMemMib: memoryMib };
}

function defaultOf(name: string, { beParams }: Cluster): ParamValue {
  const defaults: Readonly<Record<string, ParamValue>> = { ...beParams };
  return defaults[name] ?? AUTO;
}

function coerced(
  name: string,
  value: ParamValue,
  table: Readonly<Record<string, Pick<ParamTable[string], 'type'>>>,
  owner: string,
): ParamValue {
  const spec = Object.hasOwn(table, name) ? table[name] : undefined;
  if (spec === undefined) {
    return refuse.input(
      `Parameter ${name} is unknown to ${owner}; it knows ${Object.keys(table).join(', ')}`,
    );
  }
  const result = coerceParam(spec.type, value);
  if (result !== undefined) return result;
  return refuse.input(`Parameter ${name} of ${owner}: '${value}' is not of type ${spec.type}`);
}
