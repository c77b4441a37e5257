/**
 * How parameters are handed down: cluster, then OS, then instance. Later layers win. These are the
 * only functions that know which layers a kind of parameter has.
 */
import type { BeParams } from './be-params.js';
import type { Cluster } from './cluster.js';
import { HYPERVISOR_PARAMS } from './hypervisor-params.js';
import type { HypervisorName } from './hypervisor.js';
import type { InstancePolicy } from './ipolicy.js';
import type { NicParams } from './nic.js';
import type { NodeGroup } from './node.js';
import { fill, type OsParamValue, type Params, type ParamValue } from './params.js';
import type { Secret } from './secret.js';

/**
 * The name of an OS without its variant: `debian` of `debian+minimal`.
 * @public
 */
export function osBaseName(os: string): string {
  return os.split('+', 1)[0] ?? os;
}

/** The variant of an OS: `minimal` of `debian+minimal`; empty if there is none. */
export function osVariant(os: string): string {
  return os.slice(osBaseName(os).length + 1);
}

/**
 * Hypervisor parameters without regard to the OS: built-in values, cluster, instance. This is what
 * nodes are asked about (Ganeti leaves the OS's overrides out there).
 * @public
 */
export function fillPlainHvParams(
  cluster: Cluster,
  hypervisor: HypervisorName,
  own: Params,
): Params {
  return Object.assign(builtIn(hypervisor), cluster.hvParams[hypervisor], own);
}

/** The parameters that instances can differ in. */
export function withoutGlobals(hypervisor: HypervisorName, params: Params): Params {
  const table = HYPERVISOR_PARAMS[hypervisor];
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => table[name]?.global !== true),
  );
}

/** A new object with the built-in values, so that layers can be laid over it without copies. */
function builtIn(hypervisor: HypervisorName): Record<string, ParamValue> {
  const values: Record<string, ParamValue> = {};
  for (const [name, spec] of Object.entries(HYPERVISOR_PARAMS[hypervisor])) {
    values[name] = spec.default;
  }
  return values;
}

/**
 * Hypervisor parameters in full: built-in values, cluster, the cluster's overrides for the OS,
 * instance. This is what a guest runs with.
 * @public
 */
export function fillHvParams(
  cluster: Cluster,
  hypervisor: HypervisorName,
  os: string | undefined,
  own: Params,
): Params {
  const forOs = os === undefined ? {} : cluster.osHvParams[os]?.[hypervisor];
  return Object.assign(builtIn(hypervisor), cluster.hvParams[hypervisor], forOs, own);
}

/**
 * Backend parameters: cluster, instance.
 * @public
 */
export function fillBeParams(cluster: Cluster, own: Partial<BeParams>): BeParams {
  return { ...cluster.beParams, ...own };
}

/**
 * Parameters of a network card: cluster, card.
 * @public
 */
export function fillNicParams(cluster: Cluster, own: Partial<NicParams>): NicParams {
  return { ...cluster.nicParams, ...own };
}

/**
 * OS parameters of one visibility: those for the OS, those for its variant, the instance's own.
 * @public
 */
export function fillOsParams<Value>(
  byOs: Readonly<Record<string, Readonly<Record<string, Value>>>>,
  os: string | undefined,
  own: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  if (os === undefined) return { ...own };
  return { ...byOs[osBaseName(os)], ...byOs[os], ...own };
}

/** OS parameters by visibility. */
interface ByVisibility {
  readonly public: Readonly<Record<string, OsParamValue>>;
  readonly private: Readonly<Record<string, Secret<string>>>;
  readonly secret: Readonly<Record<string, Secret<string>>>;
}

/**
 * OS parameters of all visibilities. Secret ones come from nowhere but the instance; a visibility
 * that the instance does not speak of at all is left empty.
 */
export function fillAllOsParams(
  { osParams, osParamsPrivate }: Pick<Cluster, 'osParams' | 'osParamsPrivate'>,
  os: string | undefined,
  own: Pick<ByVisibility, 'public'> & Partial<ByVisibility>,
): ByVisibility {
  return {
    public: fillOsParams(osParams, os, own.public),
    private: own.private === undefined ? {} : fillOsParams(osParamsPrivate, os, own.private),
    secret: own.secret ?? {},
  };
}

/**
 * The policy that holds in a group: cluster, group. A key is taken as a whole.
 * @public
 */
export function fillPolicy(cluster: Cluster, group: NodeGroup): InstancePolicy {
  return { ...cluster.policy, ...fill<InstancePolicy>(group.policy) };
}
