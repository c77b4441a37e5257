/**
 * Claims that operations have told other processes: one record per operation, and what it means for
 * the tables of reserved values.
 *
 * C1 Whoever publishes compares and writes the key that guards new values: of two operations which
 *    claim the same, one is first, and the other one learns of it before it has done anything.
 * C2 What an operation has published it may commit without that guard, by comparing its record.
 * C3 A published claim outweighs one that only its own process knows of.
 * C4 Room on nodes is no value: many may claim some, as long as each has seen the others' claims.
 */
import { z } from 'zod';
import type { CapacityClaim } from '../ports/capacity.js';
import { corruptRecord, parseRecord } from '../ports/kv-record.js';
import { capacitySchema } from './capacity.js';
import { CLAIMED_PREFIX } from './codec.js';
import { type Claim, INDEX_WORDS, type IndexKind } from './facts.js';
import { once } from './schema-parts.js';
import type { Published, Tables } from './tables.js';

/** The key of an operation's record. */
export function claimedKey(owner: string): string {
  return CLAIMED_PREFIX + owner;
}

/** The operation that a key belongs to; `undefined` for keys of anything else. */
export function claimantOf(key: string): string | undefined {
  return key.startsWith(CLAIMED_PREFIX) ? key.slice(CLAIMED_PREFIX.length) : undefined;
}

/** Writes a record: values by kind, and room on nodes if there is any. */
export function encodeClaims({ claims, capacity }: Omit<Published, 'revision'>): string {
  const values: { [K in IndexKind]?: string[] } = {};
  for (const { index, value } of claims) (values[index] ??= []).push(value);
  return JSON.stringify({ form: 1, values, ...(capacity.length === 0 ? {} : { capacity }) });
}

/** Takes a record into the tables. Throws `ConfigError` `corrupt`. */
export function learnClaims(tables: Tables, key: string, text: string, revision: number): void {
  const owner = claimantOf(key) ?? '';
  const parsed = recordSchema().safeParse(parseRecord(key, text));
  if (!parsed.success) throw corruptRecord(key, parsed.error.issues[0]?.message ?? 'unusable');
  const claims = Object.entries(parsed.data.values).flatMap(([index, values]) =>
    values.map((value): Claim => ({ index: index as IndexKind, value })),
  );
  keepClaims(tables, owner, { revision, claims, capacity: parsed.data.capacity ?? [] });
}

/** The claims of an operation are known to all. */
export function keepClaims(tables: Tables, owner: string, published: Published): void {
  forgetValues(tables, owner);
  tables.published.set(owner, published);
  if (!tables.claimants.has(owner)) tables.capacity.keep(owner, published.capacity);
  for (const { index, value } of published.claims) tables.reserved[index].set(value, owner);
}

/** An operation has taken its claims back; those of its own process go in their own time. */
export function forgetClaims(tables: Tables, owner: string): void {
  forgetValues(tables, owner);
  if (!tables.claimants.has(owner)) tables.capacity.keep(owner, []);
}

function forgetValues(tables: Tables, owner: string): void {
  const published = tables.published.get(owner);
  tables.published.delete(owner);
  for (const claim of published?.claims ?? []) tables.unreserve(claim, owner);
}

/** Whether all these values are published by the operation (C2). */
export function arePublished(
  { published }: Tables,
  owner: string | undefined,
  claims: readonly Claim[],
): boolean {
  const known = owner === undefined ? undefined : published.get(owner)?.claims;
  if (known === undefined) return false;
  const words = new Set(known.map(wordsOf));
  return claims.every((claim) => words.has(wordsOf(claim)));
}

function wordsOf({ index, value }: Claim): string {
  return `${index} ${value}`;
}

// Made when the first record is read: where there is one process, none ever is.
const recordSchema: () => z.ZodType<{
  values: Partial<Record<IndexKind, string[]>>;
  capacity?: readonly CapacityClaim[];
}> = once(() => {
  const kinds = Object.keys(INDEX_WORDS) as IndexKind[];
  return z.strictObject({
    form: z.literal(1),
    values: z.partialRecord(z.enum(kinds), z.array(z.string())),
    capacity: capacitySchema().exactOptional(),
  });
});
