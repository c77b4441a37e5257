/**
 * How to take back what a creation does, as data for the journal. Ids and paths are in the entries,
 * so that recovery touches what is ours and nothing else.
 */
import type { Disk } from '../model/disk.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { InstanceId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Params } from '../model/params.js';
import type { JsonValue, UndoEntry } from '../ports/journal.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import type { PlannedNode } from './types.js';

/** Names of the actions; `undo-actions.ts` carries them out. */
export const UNDO = {
  clearRemains: 'instance.clear',
  forgetInstance: 'instance.forget',
  stopInstance: 'instance.stop',
} as const;

/** A guest that may run on a node. Nodes know it by name; names are given anew, hence the id. */
export interface GuestOnNode {
  readonly node: NodeId;
  readonly instance: InstanceId;
  readonly name: string;
  readonly hypervisor: HypervisorName;
  readonly hvParams: Params;
}

/** What an instance has on nodes: a guest, disks, and directories that were made for them. */
export interface Remains {
  /** Stopped first, if there is one: it may use the disks. */
  readonly guest?: GuestOnNode;
  readonly nodes: readonly NodeId[];
  readonly disks: readonly Disk[];
  /** Innermost first. */
  readonly directories: readonly string[];
}

/** Before directories and disks are made: they go together, the directories last. */
export function undoProvision(
  node: PlannedNode,
  { name }: Instance,
  disks: readonly Disk[],
  directories: readonly string[],
): UndoEntry {
  return {
    what: `disks of ${name} on ${node.name}`,
    action: UNDO.clearRemains,
    args: remainsArgs({ nodes: [node.id], disks, directories }),
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
  return {
    what: `running instance ${runtime.instance.name} on ${node.name}`,
    action: UNDO.stopInstance,
    args: guestArgs(guestOf(runtime)),
  };
}

/**
 * With the commit that removes an instance: what is left of it on its nodes has to go as well,
 * whatever happens next.
 */
export function duesOfRemoval({ name }: Instance, remains: Remains): UndoEntry {
  return {
    what: `what is left of the removed instance ${name}`,
    action: UNDO.clearRemains,
    args: remainsArgs(remains),
  };
}

/** The guest of an instance, on its primary node. */
export function guestOf({ instance, hvParams }: RuntimeInstance): GuestOnNode {
  const { id, name, primaryNode, hypervisor } = instance;
  return { node: primaryNode, instance: id, name, hypervisor, hvParams };
}

/**
 * Directories that were made for disks, innermost first. Where that is not known, as with instances
 * from elsewhere, it is the one in which the file lies, as in Ganeti.
 */
export function directoriesOf(disks: readonly Disk[]): readonly string[] {
  const paths = disks.flatMap(({ location }) => {
    if (location.kind !== 'file') return [];
    const { madeDirectories, path } = location;
    return madeDirectories ?? [path.slice(0, path.lastIndexOf('/'))];
  });
  return [...new Set(paths)].sort((a, b) => b.length - a.length);
}

function remainsArgs({ guest, nodes, disks, directories }: Remains): UndoEntry['args'] {
  return {
    ...(guest === undefined ? {} : { guest: guestArgs(guest) }),
    nodes,
    disks: disks.map(asJson),
    directories,
  };
}

function guestArgs({ hvParams, ...others }: GuestOnNode): UndoEntry['args'] {
  return { ...others, hvParams: asJson(hvParams) };
}

function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
