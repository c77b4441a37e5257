/**
 * Whether a commit would let two objects share what must be one's alone. Each question is one
 * look-up; what another object gives up in the same commit may be taken.
 */
import { ConfigError } from '../errors.js';
import { type Claim, INDEX_WORDS } from './facts.js';
import type { Change, Tables } from './tables.js';

/** The values that become taken by the changes. Throws `ConfigError` `not_unique`. */
export function newClaims(tables: Tables, changes: readonly Change[]): readonly Claim[] {
  const claimed = new Set<string>();
  const added: Claim[] = [];
  for (const { id, after } of changes) {
    for (const claim of after?.claims ?? []) {
      const text = textOf(claim);
      if (claimed.has(text)) throw notUnique(claim, 'another object of the same commit');
      claimed.add(text);
      const holder = tables.taken[claim.index].get(claim.value);
      if (holder === id) continue;
      if (holder !== undefined && !isGivenUp(claim, holder, changes))
        throw notUnique(claim, holder);
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

function isGivenUp(claim: Claim, holder: string, changes: readonly Change[]): boolean {
  const change = changes.find(({ id }) => id === holder);
  return change !== undefined && !holds(change, claim);
}

function holds({ after }: Change, claim: Claim): boolean {
  return (after?.claims ?? []).some((other) => textOf(other) === textOf(claim));
}

function textOf({ index, value }: Claim): string {
  return `${index} ${value}`;
}

function notUnique({ index, value }: Claim, holder: string): ConfigError {
  return new ConfigError(
    `The ${INDEX_WORDS[index]} '${value}' belongs to ${holder}; choose another one`,
    'not_unique',
  );
}
