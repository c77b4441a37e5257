/**
 * Facts about disk templates, in one table: whoever needs to know how a template behaves asks here
 * instead of comparing names.
 */
import type { HypervisorName } from './hypervisor.js';

/**
 * All disk templates, in Ganeti's order of preference (`DISK_TEMPLATE_PREFERENCE`).
 * @public
 */
export const DISK_TEMPLATES = [
  'blockdev',
  'diskless',
  'drbd',
  'ext',
  'file',
  'plain',
  'rbd',
  'sharedfile',
  'gluster',
] as const;

/**
 * Kinds of storage.
 * @public
 */
export type DiskTemplate = (typeof DISK_TEMPLATES)[number];

/**
 * How a template behaves.
 * @public
 */
export interface DiskTemplateFacts {
  /** `internal`: by a second node of the instance; `external`: by the storage; `none`. */
  readonly mirrored: 'internal' | 'external' | 'none';
  /** Whether disks are files in a directory of their own. */
  readonly fileBased: boolean;
  /** Whether disks are logical volumes, or made of them. */
  readonly lvm: boolean;
  /** What can be taken over instead of being made, if anything can. */
  readonly adopts?: 'volumes' | 'devices';
  /** Whether disks are always taken over. */
  readonly mustAdopt: boolean;
  /** The cluster's setting that says where the disks' files lie. */
  readonly root?: 'fileStorageDir' | 'sharedFileStorageDir' | 'glusterStorageDir';
  /** Whether that place has a directory for each instance. */
  readonly ownDirectory: boolean;
  /** Secondary nodes that an instance of this template has. */
  readonly secondaries: 0 | 1;
  /** Which of an instance's nodes hold its disks' data; `none`: the storage is not on nodes. */
  readonly dataOn: 'none' | 'primary' | 'all';
  /** What names of volumes that the library chooses have before `.disk0`. */
  readonly nameSuffix: string;
  /** Space of each disk beside its own, MiB. */
  readonly metadataMib: number;
  /** Whether its disks take space that allocators count. */
  readonly countsSpace: boolean;
  /** Whether it is known what disks take of volume groups, if only that it is nothing. */
  readonly spaceKnown: boolean;
  /** Whether disks can do without sharing spindles. */
  readonly exclusiveStorage: boolean;
  /** Whether disks can be made larger. */
  readonly growable: boolean;
  /** Whether a disk in use can be copied at one moment (Ganeti's `DTS_SNAPSHOT_CAPABLE`). */
  readonly snapshots: boolean;
  /** Whether a disk has to be made usable before it can be read; plain files are, as they lie. */
  readonly assembled: boolean;
  /** Whether a disk may say how the hypervisor reaches it (`access`). */
  readonly hasAccess: boolean;
  /** Hypervisors that reach it without the kernel's help. */
  readonly userspaceFor: readonly HypervisorName[];
  /** Whether disks name a provider, who has parameters of their own. */
  readonly hasProvider: boolean;
}

/** What most templates have in common. */
const USUAL = {
  mirrored: 'external',
  fileBased: false,
  lvm: false,
  mustAdopt: false,
  ownDirectory: false,
  secondaries: 0,
  dataOn: 'none',
  nameSuffix: '',
  metadataMib: 0,
  countsSpace: true,
  spaceKnown: true,
  exclusiveStorage: false,
  growable: true,
  snapshots: false,
  assembled: true,
  hasAccess: false,
  userspaceFor: [],
  hasProvider: false,
} as const satisfies DiskTemplateFacts;

const NETWORKED = { ...USUAL, hasAccess: true, userspaceFor: ['kvm'] } as const;

/**
 * The table.
 * @public
 */
export const DISK_TEMPLATE_FACTS: Readonly<Record<DiskTemplate, DiskTemplateFacts>> = {
  blockdev: {
    ...USUAL,
    adopts: 'devices',
    mustAdopt: true,
    countsSpace: false,
    spaceKnown: false,
    growable: false,
  },
  diskless: { ...USUAL, countsSpace: false, growable: false, assembled: false },
  drbd: {
    ...USUAL,
    mirrored: 'internal',
    lvm: true,
    secondaries: 1,
    dataOn: 'all',
    metadataMib: 128,
    snapshots: true,
  },
  ext: { ...NETWORKED, nameSuffix: '.ext', hasProvider: true, spaceKnown: false, snapshots: true },
  file: {
    ...USUAL,
    mirrored: 'none',
    fileBased: true,
    root: 'fileStorageDir',
    ownDirectory: true,
    dataOn: 'primary',
    nameSuffix: '.file',
    assembled: false,
  },
  plain: {
    ...USUAL,
    mirrored: 'none',
    lvm: true,
    adopts: 'volumes',
    dataOn: 'primary',
    exclusiveStorage: true,
    snapshots: true,
  },
  rbd: { ...NETWORKED, nameSuffix: '.rbd', spaceKnown: false },
  sharedfile: {
    ...USUAL,
    fileBased: true,
    root: 'sharedFileStorageDir',
    ownDirectory: true,
    nameSuffix: '.sharedfile',
    assembled: false,
  },
  gluster: { ...NETWORKED, fileBased: true, root: 'glusterStorageDir' },
};
