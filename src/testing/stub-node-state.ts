/**
 * What exists on a stub node: the truth that a test compares the configuration with.
 */
import type { InstanceStatus, OsFacts } from '../ports/node-rpc.js';

/**
 * A stub node's belongings. Tests read and change them freely.
 * @public
 */
export interface StubNodeState {
  /** Disk files and their sizes in MiB. */
  readonly disks: Map<string, number>;
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
    contents: new Map(),
    directories: new Set(),
    running: new Map(),
    memoryTotalMib: 65536,
    memoryFreeMib: 32768,
    cpuTotal: 16,
    storageTotalMib: 1024 * 1024,
    storageFreeMib: 512 * 1024,
    ...initial,
    osDefinitions: new Map(initial.osDefinitions ?? [['debian', debian()]]),
    bridges: new Set(initial.bridges ?? ['xen-br0']),
  };
}

function debian(): OsFacts {
  return { name: 'debian', apiVersions: [20], variants: [], parameters: [], trusted: true };
}
