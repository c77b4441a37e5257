/**
 * How to take back what operations on instances do, as data for the journal. Ids and places are in
 * the entries, so that recovery touches what is ours and nothing else.
 */
import { type Disk, type DiskPart, placeOf } from '../model/disk.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { InstanceId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Params } from '../model/params.js';
import type { JsonValue, UndoEntry } from '../ports/journal.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import type { PlannedNode } from './types.js';
import { toJson } from './undo-json.js';

/** Names of the actions; `undo-actions.ts` carries them out. */
export const UNDO = {
  clearRemains: 'instance.clear',
  withdrawInstance: 'instance.withdraw',
  stopInstance: 'instance.stop',
  renameBack: 'instance.rename-volumes-back',
  resumeSync: 'instance.resume-sync',
} as const;

/** A guest that may run on a node. Nodes know it by name; names are given anew, hence the id. */
export interface GuestOnNode {
  readonly node: NodeId;
  readonly instance: InstanceId;
  readonly name: string;
  readonly hypervisor: HypervisorName;
  readonly hvParams: Params;
}

/** A disk, or a part of one, on a node. */
export interface Device {
  readonly node: NodeId;
  readonly disk: Disk | DiskPart;
}

/** What an instance has on nodes: a guest, disks, and directories that were made for them. */
export interface Remains {
  /** Stopped first, if there is one: it may use the disks. */
  readonly guest?: GuestOnNode;
  /** The instance, as nodes are told about it. */
  readonly instance: Instance;
  /** Disks and parts of disks, in the order in which they are removed. */
  readonly devices: readonly Device[];
  /** Directories on the primary node, innermost first. */
  readonly directories: readonly string[];
}

/** A place that was reserved, as it was before an instance was made in it. */
export interface Reserved {
  readonly instance: Instance;
  readonly disks: readonly Disk[];
}

/** Volumes that were there before, under the names that they had. */
export interface RenamedVolumes {
  readonly node: NodeId;
  readonly instance: Instance;
  /** Disks as they were before, and the names that their volumes may have now. */
  readonly renames: readonly { readonly disk: Disk; readonly volumeNow: string }[];
}

/** Before directories and disks are made: they go together, the directories last. */
export function undoProvision(remains: Remains): UndoEntry {
  return {
    what: `disks of ${remains.instance.name}`,
    action: UNDO.clearRemains,
    args: { remains: withoutSecrets(remains) },
  };
}

/** With the commit that adds an instance and its disks, maybe in place of a reserved one. */
export function undoRegistration(remains: Remains, reserved?: Reserved): UndoEntry {
  return {
    what: `instance ${remains.instance.name} in the configuration, and its disks`,
    action: UNDO.withdrawInstance,
    args: {
      remains: withoutSecrets(remains),
      ...(reserved === undefined ? {} : { reserved: toJson(reserved) }),
    },
  };
}

/** No node needs the guest's private parameters to remove what is left of it. */
export function withoutSecrets(remains: Remains): JsonValue {
  return toJson({ ...remains, instance: { ...remains.instance, osParamsPrivate: {} } });
}

/** Before volumes of somebody else are renamed to be ours. */
export function undoAdoption(renamed: RenamedVolumes): UndoEntry {
  return {
    what: `names of the volumes that ${renamed.instance.name} took over`,
    action: UNDO.renameBack,
    args: {
      renamed: toJson({ ...renamed, instance: { ...renamed.instance, osParamsPrivate: {} } }),
    },
  };
}

/** Before mirrors are told to pause. */
export function undoPause(node: PlannedNode, { id, name }: Instance): UndoEntry {
  return {
    what: `paused mirrors of ${name} on ${node.name}`,
    action: UNDO.resumeSync,
    args: { node: node.id, instance: id },
  };
}

/**
 * Before an instance is started. Its disks are told, too: a start that was broken off may have left
 * what belongs to them, and the configuration may have forgotten them before it is taken back.
 */
export function undoStart(node: PlannedNode, runtime: RuntimeInstance): UndoEntry {
  const { instance, disks } = runtime;
  const devices = disks.map((disk) => ({ node: instance.primaryNode, disk }));
  return {
    what: `running instance ${instance.name} on ${node.name}`,
    action: UNDO.stopInstance,
    args: {
      guest: toJson(guestOf(runtime)),
      owner: withoutSecrets({ instance, devices, directories: [] }),
    },
  };
}

/**
 * With the commit that removes an instance: what is left of it on its nodes has to go as well,
 * whatever happens next.
 */
export function duesOfRemoval(remains: Remains): UndoEntry {
  return {
    what: `what is left of the removed instance ${remains.instance.name}`,
    action: UNDO.clearRemains,
    args: { remains: withoutSecrets(remains) },
  };
}

/** The guest of an instance, on its primary node. */
export function guestOf({ instance, hvParams }: RuntimeInstance): GuestOnNode {
  const { id, name, primaryNode, hypervisor } = instance;
  return { node: primaryNode, instance: id, name, hypervisor, hvParams };
}

/** Where the disks of an instance are to be removed: disk by disk, on all nodes that have it. */
export function devicesOf({ primaryNode }: Instance, disks: readonly Disk[]): readonly Device[] {
  return disks.flatMap((disk) => {
    // Storage that is on no node of its own is reached through the primary one.
    const nodes = disk.parts === undefined ? [primaryNode] : disk.nodes;
    return nodes.map((node) => ({ node, disk }));
  });
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

/** How messages name a device. */
export function nameOfDevice({ disk }: Device): string {
  return placeOf(disk.location);
}
