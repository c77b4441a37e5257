/**
 * Room on nodes that operations under way have been promised: memory, disk space, processors and
 * spindles which nodes do not count as used yet.
 *
 * Y1 Claims are advice to whoever chooses nodes. What the operator asks for by name is not held up
 *    by them.
 * Y2 What has become real (disks are made, the guest runs) is claimed no more: nodes say it
 *    themselves.
 */
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../model/disk-template.js';
import type { NodeId } from '../model/ids.js';

/**
 * Room on one node.
 * @public
 */
export interface CapacityClaim {
  /** The node. */
  readonly node: NodeId;
  /** Kind of storage that the disks lie on. */
  readonly storage: DiskTemplate;
  /** Memory, MiB. */
  readonly memoryMib: number;
  /** Disk space, metadata included, MiB. */
  readonly diskMib: number;
  /** Processors. */
  readonly vcpus: number;
  /** Spindles, where storage is exclusive. */
  readonly spindles: number;
}

/**
 * Amounts of room.
 * @public
 */
export type Room = Omit<CapacityClaim, 'node' | 'storage'>;

/**
 * What other operations have claimed, by their ids. Of each operation the same list is handed out
 * until it claims something else.
 * @public
 */
export type ClaimedByOthers = ReadonlyMap<string, readonly CapacityClaim[]>;

/**
 * What others have claimed at any time since it was made, however soon they gave it back: what was
 * said by nodes meanwhile may not count it yet. To be disposed of.
 * @public
 */
export interface ClaimMemory extends Disposable {
  /** All that; of each operation at most one entry per node, the largest. */
  all(): readonly CapacityClaim[];
}

/**
 * The capacity that one operation claims. Claims end with the attempt.
 * @public
 */
export interface CapacityClaims {
  /** What it has claimed, one entry per node, in the order in which it was claimed. */
  readonly own: readonly CapacityClaim[];
  /** What others have claimed now, those of other processes included. */
  others(): ClaimedByOthers;
  /** Remembers from now on what others claim. */
  remember(): ClaimMemory;
  /**
   * Claims room in place of what was claimed before, for all of this process to see. False, and
   * nothing is claimed, if somebody claimed room on one of these nodes that is not in `seen`: then
   * the choice was made on old news.
   */
  take(claims: readonly CapacityClaim[], seen: ClaimedByOthers): boolean;
  /**
   * Claims in all processes what was taken last. False, and the claims are those from before it, if
   * another process was faster. Where processes share a store it rejects like a commit.
   */
  confirm(): Promise<boolean>;
  /** Runs a choice alone, so that those of one process do not overtake each other for ever. */
  inTurn<T>(choose: () => Promise<T>): Promise<T>;
  /** Gives back what has become real (Y2): disks and all but memory, or everything. */
  settle(what: 'disks' | 'all'): Promise<void>;
}

/**
 * What is claimed on a node, all told. Disks count if they lie on the same storage as those of the
 * template: volumes of either kind share their groups, and some storage is all nodes' together.
 * @public
 */
export function claimedOn(
  claims: readonly CapacityClaim[],
  node: NodeId,
  template: DiskTemplate,
): Room {
  const room = { memoryMib: 0, diskMib: 0, vcpus: 0, spindles: 0 };
  for (const claim of claims) {
    const isHere = claim.node === node;
    if (isHere) {
      room.memoryMib += claim.memoryMib;
      room.vcpus += claim.vcpus;
      room.spindles += claim.spindles;
    }
    const isReached = isHere || POOLED.includes(template);
    if (isReached && poolOf(claim.storage) === poolOf(template)) room.diskMib += claim.diskMib;
  }
  return room;
}

/** Storage with one space for all nodes. */
const POOLED: readonly DiskTemplate[] = ['sharedfile', 'gluster'];

function poolOf(template: DiskTemplate): string {
  return DISK_TEMPLATE_FACTS[template].lvm ? 'lvm' : template;
}
