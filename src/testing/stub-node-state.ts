/**
 * What exists on a stub node: the truth that a test compares the configuration with.
 */
import type { InstanceStatus, MirrorStatus, OsFacts, VolumeFacts } from '../ports/node-facts.js';

/**
 * A stub node's belongings. Tests read and change them freely.
 * @public
 */
export interface StubNodeState {
  /**
   * Disks and parts of disks that were made, and their sizes in MiB: files by path, others by place
   * (`lvm:xenvg/web1`).
   */
  readonly disks: Map<string, number>;
  /** Volume groups and their sizes in MiB. */
  readonly volumeGroups: Map<string, number>;
  /** Volumes that are nobody's, by `group/volume`. */
  readonly volumes: Map<string, VolumeFacts>;
  /** Volumes that were taken over, by place, and the names that they had. */
  readonly adopted: Map<string, string>;
  /** Block devices that the operator has put there, by path, and their sizes in MiB. */
  readonly devices: Map<string, number>;
  /** Mirrors that are not in sync, by the disk's place. */
  readonly mirrors: Map<string, MirrorStatus>;
  /** Mirrors that do not sync for now, by the disk's place. */
  readonly paused: Set<string>;
  /** Disks that were made usable, by place. */
  readonly active: Set<string>;
  /** What was written on disks, by path, by tests that care; wiping and removing clear it. */
  readonly contents: Map<string, Uint8Array>;
  /** Directories made for disks. */
  readonly directories: Set<string>;
  /** Guests that run. */
  readonly running: Map<string, InstanceStatus>;
  /** OS definitions by name. */
  readonly osDefinitions: Map<string, OsFacts>;
  /** Bridges. */
  readonly bridges: Set<string>;
  /** Physical memory, MiB. */
  memoryTotalMib: number;
  /** Memory for new instances, MiB. */
  memoryFreeMib: number;
  /** Processors. */
  cpuTotal: number;
  /** Size of every storage, MiB. */
  storageTotalMib: number;
  /** Free space of every storage, MiB. */
  storageFreeMib: number;
}

/** A node with nothing on it but an OS and the default bridge. */
export function emptyNode(initial: Partial<StubNodeState> = {}): StubNodeState {
  return {
    disks: new Map(),
    adopted: new Map(),
    paused: new Set(),
    active: new Set(),
    contents: new Map(),
    directories: new Set(),
    running: new Map(),
    memoryTotalMib: 65536,
    memoryFreeMib: 32768,
    cpuTotal: 16,
    storageTotalMib: 1024 * 1024,
    storageFreeMib: 512 * 1024,
    ...initial,
    volumes: new Map(initial.volumes),
    devices: new Map(initial.devices),
    mirrors: new Map(initial.mirrors),
    volumeGroups: new Map(initial.volumeGroups ?? [['xenvg', 1024 * 1024]]),
    osDefinitions: new Map(initial.osDefinitions ?? [['debian', debian()]]),
    bridges: new Set(initial.bridges ?? ['xen-br0']),
  };
}

function debian(): OsFacts {
  return { name: 'debian', apiVersions: [20], variants: [], parameters: [], trusted: true };
}
