/**
 * The capacity that operations have claimed: what it means that somebody was faster, and who has
 * claimed what beside oneself.
 *
 * K1 A list that says the same is the same list, however often it was read: so what was seen can be
 *    compared by identity.
 */
import { z } from 'zod';
import { DISK_TEMPLATES, type DiskTemplate } from '../model/disk-template.js';
import type { NodeId } from '../model/ids.js';
import type { CapacityClaim, ClaimedByOthers } from '../ports/capacity.js';

/** Claimed capacity by operation. */
export type CapacityTable = Map<string, readonly CapacityClaim[]>;

/** An operation has claimed this, and nothing else (K1). */
export function keepCapacity(
  table: CapacityTable,
  owner: string,
  claims: readonly CapacityClaim[],
): void {
  if (claims.length === 0) table.delete(owner);
  else if (JSON.stringify(table.get(owner)) !== JSON.stringify(claims)) table.set(owner, claims);
}

/** What everybody else has claimed. */
export function capacityOfOthers(table: CapacityTable, owner: string): ClaimedByOthers {
  const others = new Map(table);
  others.delete(owner);
  return others;
}

/**
 * Whether somebody has claimed room on one of these nodes that was not seen. Operations in `spared`
 * are not looked at.
 */
export function isOvertaken(
  table: CapacityTable,
  claims: readonly CapacityClaim[],
  seen: ClaimedByOthers,
  spared: Pick<ReadonlySet<string>, 'has'>,
): boolean {
  const nodes = new Set(claims.map(({ node }) => node));
  for (const [other, theirs] of table) {
    if (spared.has(other) || seen.get(other) === theirs) continue;
    if (theirs.some(({ node }) => nodes.has(node))) return true;
  }
  return false;
}

/** What remains claimed when disks have become real. */
export function memoryOnly(claims: readonly CapacityClaim[]): readonly CapacityClaim[] {
  return claims
    .filter(({ memoryMib }) => memoryMib > 0)
    .map((claim) => ({ ...claim, diskMib: 0, vcpus: 0, spindles: 0 }));
}

/** The claims of a published record. Made for each reading, as only shared stores have any. */
export function capacitySchema(): z.ZodType<readonly CapacityClaim[]> {
  const amount = z.number().nonnegative();
  return z.array(
    z.strictObject({
      node: z.string().transform((id) => id as NodeId),
      storage: z.enum(DISK_TEMPLATES as readonly [DiskTemplate, ...DiskTemplate[]]),
      memoryMib: amount,
      diskMib: amount,
      vcpus: amount,
      spindles: amount,
    }),
  );
}
