/**
 * Facts about disk templates, in one table: whoever needs to know how a template behaves asks here
 * instead of comparing names.
 */

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
  /** Whether existing volumes can, or have to, be taken over. */
  readonly adoption: 'no' | 'may' | 'must';
  /** The cluster's setting that says where the disks' files lie. */
  readonly root?: 'fileStorageDir' | 'sharedFileStorageDir' | 'glusterStorageDir';
  /** Secondary nodes that an instance of this template has. */
  readonly secondaries: 0 | 1;
}

/**
 * The table.
 * @public
 */
export const DISK_TEMPLATE_FACTS: Readonly<Record<DiskTemplate, DiskTemplateFacts>> = {
  blockdev: { mirrored: 'external', fileBased: false, adoption: 'must', secondaries: 0 },
  diskless: { mirrored: 'external', fileBased: false, adoption: 'no', secondaries: 0 },
  drbd: { mirrored: 'internal', fileBased: false, adoption: 'no', secondaries: 1 },
  ext: { mirrored: 'external', fileBased: false, adoption: 'no', secondaries: 0 },
  file: {
    mirrored: 'none',
    fileBased: true,
    adoption: 'no',
    root: 'fileStorageDir',
    secondaries: 0,
  },
  plain: { mirrored: 'none', fileBased: false, adoption: 'may', secondaries: 0 },
  rbd: { mirrored: 'external', fileBased: false, adoption: 'no', secondaries: 0 },
  sharedfile: {
    mirrored: 'external',
    fileBased: true,
    adoption: 'no',
    root: 'sharedFileStorageDir',
    secondaries: 0,
  },
  gluster: {
    mirrored: 'external',
    fileBased: true,
    adoption: 'no',
    root: 'glusterStorageDir',
    secondaries: 0,
  },
};
