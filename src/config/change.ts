/**
 * One object's change from one state to another, made ready: the object stamped and frozen, what it
 * means for the indexes worked out. Nothing can go wrong any more when it is applied.
 */
import type { EntityKind, EntityTypes } from '../model/cluster.js';
import type { KvCompare, KvOp } from '../ports/kv-store.js';
import { encodeEntity, keyOf } from './codec.js';
import { deepFreeze } from './deep-freeze.js';
import { type Facts, factsOf } from './facts.js';
import type { Change, Row, Tables } from './tables.js';

/** A change, and what the store is told about it. */
export class EntityChange<K extends EntityKind> implements Change {
  readonly kind: K;
  readonly id: string;
  readonly before: Facts | undefined;
  readonly after: Facts | undefined;
  readonly revision: number | undefined;
  readonly #row: Row<K> | undefined;
  readonly #entity: EntityTypes[K] | undefined;

  /** `revision`: that of this object alone, where it is not that of the others. */
  constructor(
    kind: K,
    id: string,
    row: Row<K> | undefined,
    entity: EntityTypes[K] | undefined,
    revision?: number,
  ) {
    this.kind = kind;
    this.id = id;
    this.before = row === undefined ? undefined : factsOf(kind, row.entity);
    this.after = entity === undefined ? undefined : factsOf(kind, entity);
    this.revision = revision;
    this.#row = row;
    this.#entity = entity;
  }

  /** That nobody has changed the object meanwhile. */
  compare(): KvCompare {
    return { key: keyOf(this.kind, this.id), revision: this.#row?.revision ?? 0 };
  }

  /** The record, or its removal. */
  op(): KvOp {
    const key = keyOf(this.kind, this.id);
    if (this.#entity === undefined) return { op: 'delete', key };
    return { op: 'put', key, value: encodeEntity(this.kind, this.#entity) };
  }

  /** Puts the object into its table, or takes it out. */
  store(tables: Tables, revision: number): void {
    const rows = tables.rows[this.kind];
    if (this.#entity === undefined) rows.delete(this.id);
    else rows.set(this.id, { entity: this.#entity, revision: this.revision ?? revision });
  }
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
