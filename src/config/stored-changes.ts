/**
 * From records of the store to changes of the tables: when the configuration is opened, when
 * another process has changed it, and when a conflict shows that this process has missed something.
 */
import { ConfigError } from '../errors.js';
import type { EntityKind } from '../model/cluster.js';
import { corruptRecord } from '../ports/kv-record.js';
import type { KvEntry, KvOp } from '../ports/kv-store.js';
import { EntityChange } from './change.js';
import { CLAIMS_KEY, decodeEntity, FORMAT, FORMAT_KEY, keyOf, parseKey } from './codec.js';
import { ENTITY_KINDS } from './facts.js';
import { claimantOf, claimedKey, forgetClaims, learnClaims } from './published-claims.js';
import { checkReferences } from './references.js';
import { type Change, Changes, type Tables } from './tables.js';
import { newClaims } from './uniqueness.js';

/** Applies what a transaction of another process has done. */
export function applyOps(tables: Tables, ops: readonly KvOp[], revision: number): void {
  for (const op of ops) {
    const claimant = claimantOf(op.key);
    if (claimant === undefined) continue;
    if (op.op === 'put') learnClaims(tables, op.key, op.value, revision);
    else forgetClaims(tables, claimant);
  }
  const changes = ops.flatMap((op) => {
    const place = parseKey(op.key);
    if (place === undefined) return [];
    return [changeOfText(tables, place.kind, place.id, op.op === 'put' ? op.value : undefined)];
  });
  if (ops.some(({ key }) => key === CLAIMS_KEY)) tables.claimsRevision = revision;
  if (changes.length > 0) tables.apply(changes, revision);
}

/**
 * Brings the tables in line with all records of the store. The cost grows with the configuration:
 * this is for opening, and for the rare case that changes were missed. Throws `ConfigError`
 * `corrupt` for records that are damaged or contradict each other.
 */
export function applyRecords(tables: Tables, entries: readonly KvEntry[]): void {
  const changes: Change[] = [];
  const seen = new Set<string>();
  for (const { key, value, revision } of entries) {
    seen.add(key);
    if (key === FORMAT_KEY) checkFormat(value);
    if (key === CLAIMS_KEY) tables.claimsRevision = revision;
    if (claimantOf(key) !== undefined) learnClaims(tables, key, value, revision);
    const place = parseKey(key);
    if (place === undefined || knownRevision(tables, key) === revision) continue;
    changes.push(changeOfText(tables, place.kind, place.id, value, revision));
  }
  for (const owner of [...tables.published.keys()]) {
    if (!seen.has(claimedKey(owner))) forgetClaims(tables, owner);
  }
  for (const kind of ENTITY_KINDS) {
    for (const id of tables.rows[kind].keys()) {
      if (!seen.has(keyOf(kind, id))) changes.push(changeOfText(tables, kind, id, undefined));
    }
  }
  checkConsistent(tables, changes);
  if (changes.length > 0) tables.apply(changes, 0);
}

/** The revision of a key, as far as the tables know; 0: there is none. */
export function knownRevision(tables: Tables, key: string): number {
  if (key === CLAIMS_KEY) return tables.claimsRevision;
  const claimant = claimantOf(key);
  if (claimant !== undefined) return tables.published.get(claimant)?.revision ?? 0;
  const place = parseKey(key);
  if (place === undefined) return 0;
  return tables.rows[place.kind].get(place.id)?.revision ?? 0;
}

function changeOfText<K extends EntityKind>(
  tables: Tables,
  kind: K,
  id: string,
  text: string | undefined,
  revision?: number,
): Change {
  const after = text === undefined ? undefined : decodeEntity(kind, id, text);
  return new EntityChange(kind, id, tables.rows[kind].get(id), after, revision);
}

function checkFormat(form: string): void {
  if (form === FORMAT) return;
  throw corruptRecord(FORMAT_KEY, `it says form '${form}', and this version knows ${FORMAT} only`);
}

function checkConsistent(tables: Tables, all: readonly Change[]): void {
  const changes = new Changes(all);
  try {
    newClaims(tables, changes);
    checkReferences(tables, changes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = 'The stored configuration contradicts itself; restore it from a backup.';
    throw new ConfigError(`${advice} ${reason}`, 'corrupt', { cause });
  }
}
