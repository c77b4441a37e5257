/**
 * How to take back what a creation does, as data for the journal. Ids and paths are in the entries,
 * so that recovery touches what is ours and nothing else.
 */
import type { Disk } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { JsonValue, UndoEntry } from '../ports/journal.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import type { PlannedNode } from './types.js';

/** Names of the actions; `undo-actions.ts` carries them out. */
export const UNDO = {
  removeDisk: 'disk.remove',
  removeStorageDir: 'storage-dir.remove',
  forgetInstance: 'instance.forget',
  stopInstance: 'instance.stop',
  clearDisks: 'instance.clear-disks',
} as const;

/** Before a disk is made. */
export function undoDisk(node: PlannedNode, disk: Disk): UndoEntry {
  return {
    what: `disk ${disk.location.path} on ${node.name}`,
    action: UNDO.removeDisk,
    args: { node: node.id, disk: asJson(disk) },
  };
}

/** Before the directory of an instance's disks is made. */
export function undoStorageDir(node: PlannedNode, path: string): UndoEntry {
  return {
    what: `directory ${path} on ${node.name}`,
    action: UNDO.removeStorageDir,
    args: { node: node.id, path },
  };
}

/** With the commit that adds an instance and its disks. */
export function undoRegistration(instance: Instance): UndoEntry {
  return {
    what: `instance ${instance.name} in the configuration`,
    action: UNDO.forgetInstance,
    args: { instance: instance.id },
  };
}

/** Before an instance is started. */
export function undoStart(node: PlannedNode, runtime: RuntimeInstance): UndoEntry {
  const { name, hypervisor } = runtime.instance;
  return {
    what: `running instance ${name} on ${node.name}`,
    action: UNDO.stopInstance,
    args: { node: node.id, name, hypervisor, hvParams: asJson(runtime.hvParams) },
  };
}

/**
 * With the commit that removes an instance: what is left of it on its nodes has to go as well,
 * whatever happens next.
 */
export function duesOfRemoval(
  instance: Instance,
  nodes: readonly NodeId[],
  disks: readonly Disk[],
): UndoEntry {
  return {
    what: `disks of the removed instance ${instance.name}`,
    action: UNDO.clearDisks,
    args: { nodes, disks: disks.map(asJson) },
  };
}

function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
