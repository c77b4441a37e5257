/**
 * Making exports: copies of disks as they are at one moment, and what becomes of received contents.
 * While an export is received it is called `<instance>.new` on its node; only a whole one gets the
 * instance's name.
 */
import type { Disk } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { Secret } from '../model/secret.js';
import type { CallOptions } from './call.js';
import type { Reply } from './reply.js';
import type { RuntimeInstance } from './runtime.js';

/**
 * The name of an export that is not whole yet.
 * @public
 */
export function partialExportName(instanceName: string): string {
  return `${instanceName}.new`;
}

/**
 * What nodes say of themselves about exports. What is absent is as Ganeti's daemons have it.
 * @public
 */
export interface ExportTraits {
  /**
   * They copy a disk that is a file (`snapshotDisk`), as long as its guest does not run. Absent:
   * they do not, so that a guest with such disks is down until these are sent.
   */
  readonly copiesFiles?: true;
  /** They have to be handed the description of an export. Absent: they write it themselves. */
  readonly wantsDescription?: true;
}

/**
 * Commands about exports. The contract of all commands holds (see `node-rpc.ts`).
 * @public
 */
export interface ExportCommands {
  /**
   * Copies a disk as it is at this moment, to the place that `snapshot` says; an older copy at that
   * place is replaced, once the new one is whole. `removeDisk` removes it. A disk that cannot be
   * copied at one moment while its guest runs is refused then.
   */
  snapshotDisk(
    node: NodeId,
    request: { readonly disk: Disk; readonly snapshot: Disk; readonly runtime: RuntimeInstance },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /**
   * Makes what was received as `<instance>.new` the instance's export, with a description beside
   * the contents. An older export of the instance on that node is replaced; if the call fails, that
   * one stays. After a crash in between, `removeExport` of `<instance>.new` leaves one of the two.
   */
  finalizeExport(
    node: NodeId,
    request: {
      readonly runtime: RuntimeInstance;
      /** What the contents are of: the disks, or copies of them, in order. */
      readonly disks: readonly Disk[];
      /** The description, for nodes that do not write it themselves; private values are in it. */
      readonly description?: Secret<string>;
    },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Removes an export, whole or not, by name; a missing one is fine. */
  removeExport(
    node: NodeId,
    request: { readonly name: string },
    call?: CallOptions,
  ): Promise<Reply<void>>;
}
