/**
 * What laying out disks takes, and what it says.
 */
import type { Cluster } from '../../model/cluster.js';
import type { DiskLocation, DiskPart, FileDriver } from '../../model/disk.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import type { InstanceId, NodeId } from '../../model/ids.js';
import type { NodeGroup } from '../../model/node.js';
import type { Params } from '../../model/params.js';
import type { Reservations } from '../../ports/config-store.js';
import type { DiskSpec } from '../wishes.js';

/** Whose disks are laid out, and where they may lie. */
export interface DiskSite {
  readonly instanceId: InstanceId;
  /** Primary first, then secondaries. */
  readonly nodes: readonly NodeId[];
  /** The directory of disk files, for storage that has one. */
  readonly fileStorageDir?: string;
  /** How files are attached. */
  readonly driver: FileDriver;
  readonly cluster: Cluster;
  /** The primary node's group: its disk parameters count. */
  readonly group?: NodeGroup;
  /** Ids, places, ports and minors are claimed here. */
  readonly reserve: DiskReservations;
  /** Draw ports without looking at those of other mirrors, as Ganeti does. */
  readonly unseenPorts?: boolean;
  /** Position of the first disk; 0 if not given. */
  readonly baseIndex?: number;
  /** Whether the disks are only reserved. */
  readonly forthcoming?: boolean;
}

/** The claims that a layout makes. */
export type DiskReservations = Pick<
  Reservations,
  'drawId' | 'drawMinor' | 'drawPort' | 'drawSecret' | 'volume'
>;

/** What a template says of one disk. */
export interface Laid {
  readonly location: DiskLocation;
  readonly params?: Params;
  readonly parts?: readonly DiskPart[];
}

/** A disk to be laid out, and its position among all disks of the instance. */
export interface DiskPlace {
  readonly spec: DiskSpec;
  readonly index: number;
  readonly template: DiskTemplate;
  readonly site: DiskSite;
}

/** How a template lays out a disk. */
export type DiskLayout = (place: DiskPlace) => Laid;
