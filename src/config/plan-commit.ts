/**
 * From a recipe's work to a transaction: stamps the objects, checks what must hold, and says what
 * the store has to compare and write. Pure: memory changes only after the store has agreed.
 *
 * P1 Nothing that two objects would share gets through, reservations of others included.
 * P2 No object refers to one that is not there, and none is removed that others refer to.
 */
import type { EntityKind, EntityTypes } from '../model/cluster.js';
import type { ConfigDraft } from '../ports/config-store.js';
import type { KvCompare, KvOp } from '../ports/kv-store.js';
import { CLAIMS_KEY, encodeEntity, keyOf } from './codec.js';
import { settlePorts } from './console-ports.js';
import { deepFreeze } from './deep-freeze.js';
import { PendingCommit, type Touch } from './draft.js';
import { type Claim, ENTITY_KINDS, type Facts, factsOf } from './facts.js';
import { checkReferences } from './references.js';
import type { Change, Row, Tables } from './tables.js';
import { checkReservations, newClaims } from './uniqueness.js';

/** A change of one object, with what the store is told about it. */
export interface PlannedChange extends Change {
  readonly compare: KvCompare;
  readonly op: KvOp;
}

/** A commit, ready for the store. */
export interface PlannedCommit {
  readonly changes: readonly PlannedChange[];
  /** Values that become taken. */
  readonly claims: readonly Claim[];
  /** What the store has to compare. */
  readonly compare: readonly KvCompare[];
  /** What it has to write. */
  readonly ops: readonly KvOp[];
}

/** What planning a commit needs besides the recipe. */
export interface PlanInput {
  readonly tables: Tables;
  /** Whose reservations may be used. */
  readonly owner: string | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Runs the recipe on the newest state and plans its commit. Throws `ConfigError`. */
export function planCommit(
  recipe: (draft: ConfigDraft) => void,
  { tables, owner, nowMs }: PlanInput,
): PlannedCommit {
  const pending = new PendingCommit(tables);
  recipe(pending);
  settlePorts(pending);
  const changes = ENTITY_KINDS.flatMap((kind) => planKind(kind, pending, nowMs));
  const claims = newClaims(tables, changes);
  checkReservations(tables, claims, owner);
  checkReferences(tables, changes);
  return withGuard(tables, changes, claims);
}

/**
 * New values are taken under the guard of one key, which every such commit writes: what another
 * process took meanwhile, by writing objects that this commit does not touch, is a conflict.
 */
function withGuard(
  tables: Tables,
  changes: readonly PlannedChange[],
  claims: readonly Claim[],
): PlannedCommit {
  const compare = changes.map((change) => change.compare);
  const ops = changes.map((change) => change.op);
  if (claims.length > 0) {
    compare.push({ key: CLAIMS_KEY, revision: tables.claimsRevision });
    ops.push({ op: 'put', key: CLAIMS_KEY, value: '1' });
  }
  return { changes, claims, compare, ops };
}

function planKind<K extends EntityKind>(
  kind: K,
  pending: PendingCommit,
  nowMs: number,
): PlannedChange[] {
  const changes: PlannedChange[] = [];
  for (const touch of pending.touched(kind)) {
    if (touch.after === touch.before?.entity) continue;
    changes.push(planTouch(kind, touch, nowMs));
  }
  return changes;
}

function planTouch<K extends EntityKind>(
  kind: K,
  { id, before, after }: Touch<K>,
  nowMs: number,
): PlannedChange {
  const stamped = after === undefined ? undefined : stamp(after, before?.entity, nowMs);
  const key = keyOf(kind, id);
  return {
    ...changeOf(kind, id, before, stamped),
    compare: { key, revision: before?.revision ?? 0 },
    op:
      stamped === undefined
        ? { op: 'delete', key }
        : { op: 'put', key, value: encodeEntity(kind, stamped) },
  };
}

/** The change from one state of an object to another. */
export function changeOf<K extends EntityKind>(
  kind: K,
  id: string,
  before: Row<K> | undefined,
  after: EntityTypes[K] | undefined,
): Change {
  const facts: { before?: Facts; after?: Facts } = {};
  if (before !== undefined) facts.before = factsOf(kind, before.entity);
  if (after !== undefined) facts.after = factsOf(kind, after);
  return {
    kind,
    id,
    ...facts,
    store: ({ rows }, revision) => {
      if (after === undefined) rows[kind].delete(id);
      else rows[kind].set(id, { entity: after, revision });
    },
  };
}

/** Serial number and times are the store's business, whatever the object says. */
export function stamp<T extends EntityTypes[EntityKind]>(
  entity: T,
  before: T | undefined,
  nowMs: number,
): T {
  return deepFreeze({
    ...entity,
    serial: (before?.serial ?? 0) + 1,
    createdAtMs: before?.createdAtMs ?? nowMs,
    modifiedAtMs: nowMs,
  });
}
