/**
 * Instance policies: how big an instance may be, and on what storage.
 */
import type { DiskTemplate } from './disk-template.js';
import { DISK_TEMPLATES } from './disk-template.js';

/**
 * Bounds, one number per dimension.
 * @public
 */
export interface InstanceSpec {
  /** Memory, MiB. */
  readonly memorySizeMib: number;
  /** Virtual processors. */
  readonly cpuCount: number;
  /** Number of disks. */
  readonly diskCount: number;
  /** Size of each disk, MiB. */
  readonly diskSizeMib: number;
  /** Number of network cards. */
  readonly nicCount: number;
  /** Weight on the disk spindles. */
  readonly spindleUse: number;
}

/**
 * One range of sizes that a policy admits.
 * @public
 */
export interface SpecRange {
  /** Least values. */
  readonly min: InstanceSpec;
  /** Most values. */
  readonly max: InstanceSpec;
}

/**
 * A policy: an instance must fit one of the ranges and use one of the templates.
 * @public
 */
export interface InstancePolicy {
  /** The ranges; one that fits is enough. */
  readonly minmax: readonly SpecRange[];
  /** The usual size, for capacity planning. */
  readonly std: InstanceSpec;
  /** Templates that are admitted. */
  readonly diskTemplates: readonly DiskTemplate[];
  /** Most virtual processors per physical one. */
  readonly vcpuRatio: number;
  /** Most instances per spindle. */
  readonly spindleRatio: number;
}

/**
 * The policy that a new cluster starts with (Ganeti's `IPOLICY_DEFAULTS`).
 * @public
 */
export const POLICY_DEFAULTS: InstancePolicy = {
  minmax: [
    {
      min: {
        memorySizeMib: 128,
        cpuCount: 1,
        diskCount: 1,
        diskSizeMib: 1024,
        nicCount: 1,
        spindleUse: 1,
      },
      max: {
        memorySizeMib: 32768,
        cpuCount: 8,
        diskCount: 16,
        diskSizeMib: 1024 * 1024,
        nicCount: 8,
        spindleUse: 12,
      },
    },
  ],
  std: {
    memorySizeMib: 128,
    cpuCount: 1,
    diskCount: 1,
    diskSizeMib: 1024,
    nicCount: 1,
    spindleUse: 1,
  },
  diskTemplates: DISK_TEMPLATES,
  vcpuRatio: 4,
  spindleRatio: 32,
};
