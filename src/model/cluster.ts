/**
 * The cluster's own settings, and the kinds of objects that its configuration holds.
 */
import type { BeParams } from './be-params.js';
import type { Disk } from './disk.js';
import type { DiskTemplate } from './disk-template.js';
import type { HypervisorName } from './hypervisor.js';
import type { NodeId, Stored } from './ids.js';
import type { Instance } from './instance.js';
import type { InstancePolicy } from './ipolicy.js';
import type { Network } from './network.js';
import type { NicParams } from './nic.js';
import type { Node, NodeGroup } from './node.js';
import type { OsParamValue, Params } from './params.js';
import type { Secret } from './secret.js';

/**
 * Settings that belong to the cluster as a whole.
 * @public
 */
export interface Cluster extends Stored {
  /** The cluster's UUID. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** The node that leads. */
  readonly masterNode: NodeId;
  /** Hypervisors that may be used; the first is the default. */
  readonly enabledHypervisors: readonly HypervisorName[];
  /** Disk templates that may be used; the first is the default. */
  readonly enabledDiskTemplates: readonly DiskTemplate[];
  /** Hypervisor parameters. */
  readonly hvParams: Readonly<Partial<Record<HypervisorName, Params>>>;
  /** Hypervisor parameters for an OS, by OS name. */
  readonly osHvParams: Readonly<Record<string, Readonly<Partial<Record<HypervisorName, Params>>>>>;
  /** Backend parameters. */
  readonly beParams: BeParams;
  /** Parameters of network cards. */
  readonly nicParams: NicParams;
  /** Node parameters. */
  readonly ndParams: Params;
  /** Disk parameters, by template. */
  readonly diskParams: Readonly<Partial<Record<DiskTemplate, Params>>>;
  /** Public OS parameters, by OS name (with or without variant). */
  readonly osParams: Readonly<Record<string, Readonly<Record<string, OsParamValue>>>>;
  /** Private OS parameters, by OS name (with or without variant). */
  readonly osParamsPrivate: Readonly<Record<string, Readonly<Record<string, Secret<string>>>>>;
  /** Instance policy. */
  readonly policy: InstancePolicy;
  /** Directory of `file` disks, absolute. */
  readonly fileStorageDir?: string;
  /** Directory of `sharedfile` disks, absolute. */
  readonly sharedFileStorageDir?: string;
  /** Directory of `gluster` disks, absolute. */
  readonly glusterStorageDir?: string;
  /** LVM volume group of `plain` and `drbd` disks. */
  readonly volumeGroup?: string;
  /** First three octets of hardware addresses, `aa:00:00`. */
  readonly macPrefix: string;
  /** Console ports given back, to be used again first. */
  readonly portPool: readonly number[];
  /** Highest console port ever given out. */
  readonly highestUsedPort: number;
  /** Whether new disks are overwritten before use. */
  readonly wipeDisks: boolean;
  /** Allocator to use if a request names none. */
  readonly defaultAllocator?: string;
  /** Options that allocator programs get; `null` for one that has no value. */
  readonly allocatorParams?: Params;
  /** OS definitions that may not be used. */
  readonly blacklistedOs: readonly string[];
  /** OS definitions that are not listed. */
  readonly hiddenOs: readonly string[];
  /** Version of IP that host names are resolved to. */
  readonly primaryIpFamily: 4 | 6;
  /** Network of the cards by which instances talk to their nodes; absent: there are none. */
  readonly communicationNetwork?: string;
  /** Disk image from which helper machines boot, a path or URL. */
  readonly installImage?: string;
  /** Programs that transfers may compress with, besides `none`. */
  readonly compressionTools: readonly string[];
  /** Volumes that nobody may use: expressions which a whole `group/volume` has to match. */
  readonly reservedVolumes: readonly string[];
}

/**
 * The kinds of objects in a configuration, and their types.
 * @public
 */
export interface EntityTypes {
  /** The one object with the cluster's settings. */
  readonly cluster: Cluster;
  /** Nodes. */
  readonly node: Node;
  /** Node groups. */
  readonly group: NodeGroup;
  /** Networks. */
  readonly network: Network;
  /** Instances. */
  readonly instance: Instance;
  /** Disks. */
  readonly disk: Disk;
}

/**
 * A kind of object.
 * @public
 */
export type EntityKind = keyof EntityTypes;

/**
 * First console port (Ganeti's `FIRST_DRBD_PORT`).
 * @public
 */
export const FIRST_PORT = 11000;

/**
 * Last console port (Ganeti's `LAST_DRBD_PORT`).
 * @public
 */
export const LAST_PORT = 14999;
