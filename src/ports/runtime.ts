/**
 * What a node is told about an instance: everything filled in, nothing to look up.
 */
import type { BeParams } from '../model/be-params.js';
import type { Disk } from '../model/disk.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { Instance } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { Nic, NicParams } from '../model/nic.js';
import type { OsParamValue, Params } from '../model/params.js';
import type { Secret } from '../model/secret.js';

/**
 * A network card with all its parameters.
 * @public
 */
export interface RuntimeNic extends Omit<Nic, 'params'> {
  /** All parameters. */
  readonly params: NicParams;
  /** The network that it belongs to. */
  readonly network?: Network;
}

/**
 * OS parameters by visibility. Private ones win over public ones, secret ones over both.
 * @public
 */
export interface OsParams {
  /** Kept in the configuration and shown. */
  readonly public: Readonly<Record<string, OsParamValue>>;
  /** Kept in the configuration, never shown. */
  readonly private: Readonly<Record<string, Secret<string>>>;
  /** Used once, never kept. */
  readonly secret: Readonly<Record<string, Secret<string>>>;
}

/**
 * An instance with all parameters filled from group and cluster.
 * @public
 */
export interface RuntimeInstance {
  /** The instance as the configuration has it, or will have it. */
  readonly instance: Instance;
  /** What runs it. */
  readonly hypervisor: HypervisorName;
  /** All hypervisor parameters. */
  readonly hvParams: Params;
  /** All backend parameters. */
  readonly beParams: BeParams;
  /** All OS parameters. */
  readonly osParams: OsParams;
  /** Network cards. */
  readonly nics: readonly RuntimeNic[];
  /** Disks, in order. */
  readonly disks: readonly Disk[];
}
