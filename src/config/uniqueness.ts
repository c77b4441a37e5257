/**
 * Whether a commit would let two objects share what must be one's alone. Each question is one
 * look-up; what another object gives up in the same commit may be taken.
 */
import { ConfigError } from '../errors.js';
import { type Claim, INDEX_WORDS, type IndexKind } from './facts.js';
import type { Change, Changes, Tables } from './tables.js';

/** The values that become taken by the changes. Throws `ConfigError` `not_unique`. */
export function newClaims(tables: Tables, changes: Changes): readonly Claim[] {
  const seen: { [K in IndexKind]?: Set<string> } = {};
  const added: Claim[] = [];
  for (const { id, after } of changes.all) {
    for (const claim of after?.claims ?? []) {
      const claimed = (seen[claim.index] ??= new Set());
      if (claimed.has(claim.value)) throw notUnique(claim, 'another object of the same commit');
      claimed.add(claim.value);
      const holder = tables.taken[claim.index].get(claim.value);
      if (holder === id) continue;
      if (holder !== undefined && !isGivenUp(claim, changes.of(holder))) {
        throw notUnique(claim, holder);
      }
      added.push(claim);
    }
  }
  return added;
}

/** What others than `owner` have reserved may not be taken. Throws `ConfigError` `not_unique`. */
export function checkReservations(
  tables: Tables,
  claims: readonly Claim[],
  owner: string | undefined,
): void {
  for (const claim of claims) {
    const reserver = tables.reserved[claim.index].get(claim.value);
    if (reserver === undefined || reserver === owner) continue;
    throw notUnique(claim, `operation ${reserver}, which has reserved it`);
  }
}

function isGivenUp(claim: Claim, holder: Change | undefined): boolean {
  if (holder === undefined) return false;
  const { index, value } = claim;
  return !holder.after?.claims.some((other) => other.index === index && other.value === value);
}

function notUnique({ index, value }: Claim, holder: string): ConfigError {
  return new ConfigError(
    `The ${INDEX_WORDS[index]} '${value}' belongs to ${holder}; choose another one`,
    'not_unique',
  );
}
