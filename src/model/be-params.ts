/**
 * Backend parameters: memory, processors and how an instance is treated, whatever its hypervisor.
 */
import type { ParamType } from './params.js';

/**
 * Backend parameters, all of them.
 * @public
 */
export interface BeParams {
  /** Most memory that the instance may have, MiB. */
  readonly maxMemMib: number;
  /** Least memory that the instance can run with, MiB. */
  readonly minMemMib: number;
  /** Virtual processors. */
  readonly vcpus: number;
  /** Weight of the instance's use of disk spindles. */
  readonly spindleUse: number;
  /** Whether balancing tools may move the instance. */
  readonly autoBalance: boolean;
  /** Whether moves are always by failover, never by live migration. */
  readonly alwaysFailover: boolean;
}

/**
 * One row per backend parameter: the name under which OS scripts, hooks and Ganeti's files know it,
 * its type, and the cluster's initial value (Ganeti's `BEC_DEFAULTS`).
 * @public
 */
export const BE_PARAMS: {
  readonly [K in keyof BeParams]: {
    readonly wireName: string;
    readonly type: ParamType;
    readonly default: BeParams[K];
  };
} = {
  alwaysFailover: { wireName: 'always_failover', type: 'bool', default: false },
  autoBalance: { wireName: 'auto_balance', type: 'bool', default: true },
  maxMemMib: { wireName: 'maxmem', type: 'size', default: 128 },
  minMemMib: { wireName: 'minmem', type: 'size', default: 128 },
  spindleUse: { wireName: 'spindle_use', type: 'int', default: 1 },
  vcpus: { wireName: 'vcpus', type: 'int', default: 1 },
};

/**
 * The backend parameters that a new cluster starts with.
 * @public
 */
export const BE_DEFAULTS: BeParams = {
  alwaysFailover: BE_PARAMS.alwaysFailover.default,
  autoBalance: BE_PARAMS.autoBalance.default,
  maxMemMib: BE_PARAMS.maxMemMib.default,
  minMemMib: BE_PARAMS.minMemMib.default,
  spindleUse: BE_PARAMS.spindleUse.default,
  vcpus: BE_PARAMS.vcpus.default,
};
