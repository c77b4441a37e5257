/**
 * The capacity that operations have claimed: what it means that somebody was faster, and who has
 * claimed what beside oneself.
 *
 * K1 A list that says the same is the same list, however often it was read: so what was seen can be
 *    compared by identity.
 * K2 Whoever remembers loses nothing: what is claimed and given back in between counts.
 */
import { z } from 'zod';
import { DISK_TEMPLATES, type DiskTemplate } from '../model/disk-template.js';
import type { NodeId } from '../model/ids.js';
import type { CapacityClaim, ClaimedByOthers, ClaimMemory } from '../ports/capacity.js';

type Claims = readonly CapacityClaim[];

/** Claimed capacity by operation. */
export class CapacityTable {
  readonly #claims = new Map<string, Claims>();
  /** Of each operation whose claims have changed since, the first ones that are so no more. */
  readonly #memories = new Set<Map<string, Claims>>();

  /** How many operations have claimed some. */
  get size(): number {
    return this.#claims.size;
  }

  /** What an operation has claimed. */
  of(owner: string): Claims {
    return this.#claims.get(owner) ?? [];
  }

  /** An operation has claimed this, and nothing else (K1). */
  keep(owner: string, claims: Claims): void {
    const former = this.#claims.get(owner);
    if (JSON.stringify(former ?? []) === JSON.stringify(claims)) return;
    if (claims.length === 0) this.#claims.delete(owner);
    else this.#claims.set(owner, claims);
    if (former === undefined) return;
    for (const memory of this.#memories) {
      if (!memory.has(owner)) memory.set(owner, former);
    }
  }

  /** What everybody else has claimed. */
  ofOthers(owner: string): ClaimedByOthers {
    const others = new Map(this.#claims);
    others.delete(owner);
    return others;
  }

  /** Remembers, from now on (K2), what everybody else claims. */
  remember(owner: string): ClaimMemory {
    const memory = new Map<string, Claims>();
    this.#memories.add(memory);
    return {
      all: () => {
        const now = this.ofOthers(owner);
        const past = [...memory].filter(([other]) => other !== owner);
        return [
          ...past.flatMap(([, claims]) => claims),
          ...[...now].flatMap(([other, claims]) => unlike(memory.get(other), claims)),
        ];
      },
      [Symbol.dispose]: () => void this.#memories.delete(memory),
    };
  }

  /**
   * Whether somebody has claimed room on one of these nodes that was not seen. Operations in
   * `spared` are not looked at.
   */
  isOvertaken(
    claims: Claims,
    seen: ClaimedByOthers,
    spared: Pick<ReadonlySet<string>, 'has'>,
  ): boolean {
    const nodes = new Set(claims.map(({ node }) => node));
    for (const [other, theirs] of this.#claims) {
      if (spared.has(other) || seen.get(other) === theirs) continue;
      if (theirs.some(({ node }) => nodes.has(node))) return true;
    }
    return false;
  }
}

/** What is claimed on other nodes than it was; on the same ones it has become less. */
function unlike(past: Claims | undefined, claims: Claims): Claims {
  if (past === undefined) return claims;
  const nodes = new Set(past.map(({ node }) => node));
  return claims.filter(({ node }) => !nodes.has(node));
}

/** What remains claimed when disks have become real. */
export function memoryOnly(claims: Claims): Claims {
  return claims
    .filter(({ memoryMib }) => memoryMib > 0)
    .map((claim) => ({ ...claim, diskMib: 0, vcpus: 0, spindles: 0 }));
}

/** The claims of a published record. Made for each reading, as only shared stores have any. */
export function capacitySchema(): z.ZodType<Claims> {
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
