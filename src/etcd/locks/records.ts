/**
 * The lock table as it lies in the store: one record per owner, a key for each owner's fence, and
 * the table's version. Records are readable, so that an operator can look at them with the store's
 * own tools; whoever changes them by hand writes `locks/version` as well.
 *
 * T1 Each transaction on the table writes the version and compares it: the table changes from one
 *    whole state to the next, however many locks are concerned.
 * T2 An owner's record is there as long as it holds something or waits. It is not leased: when its
 *    process dies it stays until somebody takes over.
 * T3 A fence is written when its owner is granted something or passes to another process, and by
 *    nothing else. It goes with the record.
 * T4 A member that was too late many times in a row asks for its turn; the others let it go first.
 *    Its key is no part of the table, and goes with the transaction for which it was asked.
 */
import { z } from 'zod';
import type { OwnerImage, RequestImage } from '../../locks/image.js';
import { LOCK_LEVELS, type LockName } from '../../model/lock.js';
import { corruptRecord, parseRecord } from '../../ports/kv-record.js';
import { type OwnerId, ownerId } from '../../ports/lock-manager.js';

/** All of the table. */
export const LOCKS_PREFIX = 'locks/';
/** Written by each transaction on the table. */
export const VERSION_KEY = 'locks/version';
const OWNER_PREFIX = 'locks/owner/';
const FENCE_PREFIX = 'locks/fence/';
const TURN_PREFIX = 'locks/turn/';

/** What a key of the table is about. */
export type TableKey =
  | { readonly kind: 'version' }
  | { readonly kind: 'owner' | 'fence'; readonly owner: OwnerId }
  | { readonly kind: 'turn'; readonly member: string };

/** A request, with the word by which its owner's process asked for it. */
export interface StoredRequest extends RequestImage {
  /** See `OwnerRecord.said`. */
  readonly said: number;
}

/** All of one owner. */
export interface OwnerRecord extends OwnerImage {
  /** The member that works for the owner. */
  readonly member: string;
  /**
   * The last word of that member that is part of this state. A member counts what it says; so it
   * knows, even if an answer was lost, what has come to be.
   */
  readonly said: number;
  readonly request?: StoredRequest;
  /** The request that was granted last: by which word it was asked, and places of its units. */
  readonly granted?: { readonly said: number; readonly units?: readonly number[] };
  /** True if the member took the owner over from another one. */
  readonly isTakenOver?: true;
}

/** What the version says besides its revision. */
export interface TableVersion {
  /** The member that wrote it, for those who look. */
  readonly by: string;
  /** Whether there may be waiters left who could go on; whoever sees it lets them go. */
  readonly isSettled: boolean;
}

const lock = z.custom<LockName>(isLockName, 'expected <level>/<name>');
const mode = z.enum(['shared', 'exclusive']);
const count = z.int().min(0);

const CHOICE = z.strictObject({
  units: z.array(z.array(lock).min(1)),
  mode,
  atLeast: count,
  had: z.array(lock),
});

const REQUEST = z
  .strictObject({
    said: count,
    wants: z.array(z.strictObject({ lock, mode })),
    choice: z.exactOptional(CHOICE),
    priority: z.int(),
    sinceMs: z.number(),
    dueMs: z.number(),
    order: count,
    parkedAt: count,
    isAtEntry: z.boolean(),
  })
  .refine((each) => each.parkedAt < (each.choice ? 1 : each.wants.length), {
    message: 'it is parked at none of its locks',
  });

const RECORD: z.ZodType<OwnerRecord> = z.strictObject({
  member: z.string(),
  said: count,
  isTakenOver: z.exactOptional(z.literal(true)),
  holds: z.array(z.strictObject({ lock, mode, sinceMs: z.number() })),
  request: z.exactOptional(REQUEST),
  granted: z.exactOptional(z.strictObject({ said: count, units: z.exactOptional(z.array(count)) })),
});

const VERSION: z.ZodType<TableVersion> = z.strictObject({
  by: z.string(),
  isSettled: z.boolean(),
});

/** The key of an owner's record. */
export function ownerKey(owner: OwnerId): string {
  return `${OWNER_PREFIX}${owner}`;
}

/** The key of an owner's fence. */
export function fenceKey(owner: OwnerId): string {
  return `${FENCE_PREFIX}${owner}`;
}

/** The key by which a member asks for its turn. */
export function turnKey(member: string): string {
  return `${TURN_PREFIX}${member}`;
}

/** What a key is about; `undefined` if it is nothing of ours. */
export function parseKey(key: string): TableKey | undefined {
  if (key === VERSION_KEY) return { kind: 'version' };
  const after = (prefix: string): string =>
    key.startsWith(prefix) ? key.slice(prefix.length) : '';
  const [owner, fence, member] = [OWNER_PREFIX, FENCE_PREFIX, TURN_PREFIX].map(after);
  if (owner) return { kind: 'owner', owner: ownerId(owner) };
  if (fence) return { kind: 'fence', owner: ownerId(fence) };
  return member ? { kind: 'turn', member } : undefined;
}

/** A record as text. The same record always gives the same text. */
export function encodeRecord(record: OwnerRecord): string {
  const { member, said, holds, request, granted, isTakenOver } = record;
  return JSON.stringify({ member, said, isTakenOver, holds, request, granted });
}

/** A version as text. */
export function encodeVersion({ by, isSettled }: TableVersion): string {
  return JSON.stringify({ by, isSettled });
}

/** A record from its text. Throws `ConfigError` `corrupt` that names the key. */
export function decodeRecord(key: string, text: string): OwnerRecord {
  return decode(key, text, RECORD);
}

/** A version from its text. Throws `ConfigError` `corrupt` that names the key. */
export function decodeVersion(key: string, text: string): TableVersion {
  return decode(key, text, VERSION);
}

function decode<T>(key: string, text: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseRecord(key, text));
  if (result.success) return result.data;
  throw corruptRecord(key, z.prettifyError(result.error), result.error);
}

function isLockName(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return LOCK_LEVELS.some(
    (level) => value.startsWith(`${level}/`) && value.length > level.length + 1,
  );
}
