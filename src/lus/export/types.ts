/**
 * What an export is from phase to phase: request, plan, result.
 */
import type { InstanceTarget } from '../../lu-helpers.js';
import type { Disk } from '../../model/disk.js';
import type { NodeId } from '../../model/ids.js';
import type { Node } from '../../model/node.js';
import type { RuntimeInstance } from '../../ports/runtime.js';

/**
 * The request to export an instance to a node of the same cluster.
 * @public
 */
export interface ExportOp {
  /** Name, short name or UUID of the instance. */
  readonly instanceName: string;
  /** The node that shall hold the export, by name or UUID. */
  readonly targetNode: string;
  /** Program that compresses the data on their way; `none` if not given. They lie uncompressed. */
  readonly compress?: string;
  /** Stop the guest, so that its disks do not change meanwhile; true if not given. */
  readonly shutdown?: boolean;
  /** Time for the guest to shut down by itself, milliseconds; two minutes if not given. */
  readonly graceMs?: number;
  /**
   * The guest may be down as long as the transfer takes. Without it a running instance is exported
   * only if its disks can be copied at one moment, or its nodes copy files while the guest is down
   * (`copiesFiles`); with it files are not copied but read as they are. False if not given.
   */
  readonly longSleep?: boolean;
  /** Remove the instance once the export is there; false if not given. */
  readonly removeInstance?: boolean;
  /** With `removeInstance`: disks that cannot be removed are a warning; false if not given. */
  readonly ignoreRemoveFailures?: boolean;
}

/**
 * What came of an export.
 * @public
 */
export interface ExportResult {
  /** Name of the node that holds it. */
  readonly node: string;
  /** Its directory there, absolute. */
  readonly path: string;
  /** Files with the disks' contents in that directory, in the order of the disks. */
  readonly dumps: readonly string[];
}

/**
 * What an export takes.
 * @public
 */
export interface ExportPlan {
  /** The request. */
  readonly op: ExportOp;
  /** The instance, as it is. */
  readonly runtime: RuntimeInstance;
  /** The node that will hold the export. */
  readonly target: Pick<Node, 'id' | 'name' | 'secondaryIp'>;
  /** Directory of the export, absolute. */
  readonly path: string;
  /** Program that compresses the data on their way, or `none`. */
  readonly compress: string;
  /** Whether the guest is stopped first. */
  readonly stop: boolean;
  /** Time for the guest to shut down by itself, milliseconds. */
  readonly graceMs: number;
  /** Whether the guest is started again afterwards. */
  readonly restart: boolean;
  /** Whether the disks have to be made usable first. */
  readonly assemble: boolean;
  /** Copies of the disks, in order; absent: the disks themselves are read. */
  readonly snapshots?: readonly Disk[];
  /** Whether the target node has an unfinished export of the instance, which goes first. */
  readonly stale: boolean;
  /** Other nodes with exports of the instance, which go last. */
  readonly olderOn: readonly NodeId[];
}

/**
 * The phases.
 * @public
 */
export interface ExportPhases {
  /** The request. */
  op: ExportOp;
  /** The request, checked. */
  args: ExportOp;
  /** The request, with the instance that is meant. */
  names: { readonly op: ExportOp; readonly target: InstanceTarget };
  /** What will be done. */
  plan: ExportPlan;
  /** Where the export is. */
  result: ExportResult;
}
