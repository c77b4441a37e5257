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
  clearStorage: 'instance.clear-storage',
  forgetInstance: 'instance.forget',
  stopInstance: 'instance.stop',
} as const;

/** What an instance has on nodes: disks, and directories that were made for them. */
export interface StorageOnNodes {
  readonly nodes: readonly NodeId[];
  readonly disks: readonly Disk[];
  readonly directories: readonly string[];
}

/** Before directory and disks are made: they go together, the directory last. */
export function undoProvision(
  node: PlannedNode,
  { name }: Instance,
  disks: readonly Disk[],
  directory: string | undefined,
): UndoEntry {
  const directories = directory === undefined ? [] : [directory];
  return {
    what: `disks of ${name} on ${node.name}`,
    action: UNDO.clearStorage,
    args: storageArgs({ nodes: [node.id], disks, directories }),
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
export function duesOfRemoval({ name }: Instance, storage: StorageOnNodes): UndoEntry {
  return {
    what: `disks of the removed instance ${name}`,
    action: UNDO.clearStorage,
    args: storageArgs(storage),
  };
}

/** Directories in which disks lie. */
export function directoriesOf(disks: readonly Disk[]): readonly string[] {
  const paths = disks.map(({ location }) => location.path);
  return [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))))];
}

function storageArgs({ nodes, disks, directories }: StorageOnNodes): UndoEntry['args'] {
  return { nodes, disks: disks.map(asJson), directories };
}

function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
