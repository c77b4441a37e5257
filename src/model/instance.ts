/**
 * Instances: what the cluster knows of a virtual machine, but for what it inherits.
 */
import type { BeParams } from './be-params.js';
import type { DiskTemplate } from './disk-template.js';
import type { HypervisorName } from './hypervisor.js';
import type { DiskId, InstanceId, NodeId, Stored } from './ids.js';
import type { Nic } from './nic.js';
import type { OsParamValue, Params } from './params.js';
import type { Secret } from './secret.js';

/**
 * What the operator wants the instance to be.
 * @public
 */
export type AdminState = 'up' | 'down' | 'offline';

/**
 * Who decided that: the operator, or whoever is logged in to the guest and shut it down.
 * @public
 */
export type AdminStateSource = 'admin' | 'user';

/**
 * A virtual machine.
 * @public
 */
export interface Instance extends Stored {
  /** The instance's UUID. */
  readonly id: InstanceId;
  /** Its host name; no two instances share one. */
  readonly name: string;
  /** The node it runs on. */
  readonly primaryNode: NodeId;
  /** Nodes that hold a copy of its disks. */
  readonly secondaryNodes: readonly NodeId[];
  /** OS definition with variant (`debian+minimal`), or none. */
  readonly os?: string;
  /** What runs it. */
  readonly hypervisor: HypervisorName;
  /** What differs from the cluster's hypervisor parameters. */
  readonly hvParams: Params;
  /** What differs from the cluster's backend parameters. */
  readonly beParams: Partial<BeParams>;
  /** What differs from the cluster's public OS parameters. */
  readonly osParams: Readonly<Record<string, OsParamValue>>;
  /** What differs from the cluster's private OS parameters. */
  readonly osParamsPrivate: Readonly<Record<string, Secret<string>>>;
  /** What the operator wants. */
  readonly adminState: AdminState;
  /** Who decided that. Absent: the operator. */
  readonly adminStateSource?: AdminStateSource;
  /** Network cards, in order. */
  readonly nics: readonly Nic[];
  /** Disks, in order. */
  readonly diskIds: readonly DiskId[];
  /** Kind of storage of its disks. */
  readonly diskTemplate: DiskTemplate;
  /** Whether the disks are in use, so that a restarted node has to assemble them. */
  readonly disksActive: boolean;
  /** TCP port of the console, for hypervisors that need one. */
  readonly networkPort?: number;
  /** Reserved, not made yet: it has a place in the configuration only. */
  readonly forthcoming?: true;
}
