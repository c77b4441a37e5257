/**
 * A commit in the making: what the recipe adds, changes and removes, laid over the configuration
 * without touching it. immer drafts one object at a time, since its cost grows with the width of
 * what it drafts: an object costs the same in a cluster of ten as in one of a hundred thousand.
 */
import { type Draft, Immer } from 'immer';
import { ConfigError, ProgrammerError } from '../errors.js';
import type { Cluster, EntityKind, EntityTypes } from '../model/cluster.js';
import type { ConfigDraft } from '../ports/config-store.js';
import { EntityChange, stamp } from './change.js';
import { CLUSTER_ROW, type Row, type Tables } from './tables.js';

/** Kinds of objects of which there are several. */
export type ListedKind = Exclude<EntityKind, 'cluster'>;

/** What a recipe did to one object. */
export interface Touch<K extends EntityKind> {
  readonly kind: K;
  readonly id: string;
  /** The object as the configuration has it. */
  readonly row: Row<K> | undefined;
  /** The object as the recipe left it; absent: removed. */
  readonly after: EntityTypes[K] | undefined;
  /** The change that this amounts to; absent if there is none. */
  change(nowMs: number): EntityChange<EntityKind> | undefined;
}

const immer = new Immer({ autoFreeze: true });

/** Ids become parts of keys. */
const ID_FORM = /^[\w.:-]{1,128}$/;

/** The recipe's tool, and the record of its work. */
export class PendingCommit implements ConfigDraft {
  readonly #tables: Tables;
  readonly #touches = new Map<string, Touch<EntityKind>>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  add<K extends ListedKind>(kind: K, entity: EntityTypes[K]): void {
    if (!ID_FORM.test(entity.id)) {
      throw new ProgrammerError(`'${entity.id}' cannot be an id; use a UUID`);
    }
    if (this.current(kind, entity.id) !== undefined) {
      throw new ConfigError(`There is a ${kind} ${entity.id} already; update it`, 'not_unique');
    }
    this.#touch(kind, entity.id, entity);
  }

  update<K extends ListedKind>(
    kind: K,
    id: string,
    recipe: (draft: Draft<EntityTypes[K]>) => void,
  ): void {
    this.#change(kind, id, recipe);
  }

  updateCluster(recipe: (draft: Draft<Cluster>) => void): void {
    this.#change('cluster', CLUSTER_ROW, recipe);
  }

  remove(kind: ListedKind, id: string): void {
    if (this.current(kind, id) === undefined) throw unknownObject(kind, id, 'removed');
    this.#touch(kind, id, undefined);
  }

  /** Puts a whole object in place of the one that is there. */
  replace<K extends EntityKind>(kind: K, id: string, entity: EntityTypes[K]): void {
    this.#touch(kind, id, entity);
  }

  /** An object as it is at this point of the commit. */
  current<K extends EntityKind>(kind: K, id: string): EntityTypes[K] | undefined {
    const touch = this.#touches.get(id);
    if (touch === undefined) return this.#tables.rows[kind].get(id)?.entity;
    if (isOf(kind, touch)) return touch.after;
    throw new ConfigError(
      `The id ${id} belongs to a ${touch.kind}; draw another one`,
      'not_unique',
    );
  }

  /** Whether the commit touches objects of a kind, and how. */
  *touched<K extends EntityKind>(kind: K): Generator<Touch<K>> {
    for (const touch of this.#touches.values()) if (isOf(kind, touch)) yield touch;
  }

  /** The changes that the recipe's work amounts to. */
  changes(nowMs: number): EntityChange<EntityKind>[] {
    const changes: EntityChange<EntityKind>[] = [];
    for (const touch of this.#touches.values()) {
      const change = touch.change(nowMs);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  #change<K extends EntityKind>(
    kind: K,
    id: string,
    recipe: (draft: Draft<EntityTypes[K]>) => void,
  ): void {
    const base = this.current(kind, id);
    if (base === undefined) throw unknownObject(kind, id, 'changed');
    const changed = immer.produce(base, (draft) => {
      const answer: unknown = recipe(draft);
      if (answer instanceof Promise) {
        throw new ProgrammerError('A recipe must not wait: find out first, then commit');
      }
    });
    if (changed.id !== base.id) {
      throw new ProgrammerError(`The id of ${kind} ${id} cannot be changed; add a new one`);
    }
    if (changed !== base) this.#touch(kind, id, changed);
  }

  #touch<K extends EntityKind>(kind: K, id: string, after: EntityTypes[K] | undefined): void {
    const row = this.#tables.rows[kind].get(id);
    const touch: Touch<K> = {
      kind,
      id,
      row,
      after,
      change: (nowMs) => {
        if (after === row?.entity) return undefined;
        const stamped = after === undefined ? undefined : stamp(after, row?.entity, nowMs);
        return new EntityChange<K>(kind, id, row, stamped);
      },
    };
    this.#touches.set(id, touch);
  }
}

function isOf<K extends EntityKind>(kind: K, touch: Touch<EntityKind>): touch is Touch<K> {
  return touch.kind === kind;
}

function unknownObject(kind: EntityKind, id: string, done: string): ConfigError {
  return new ConfigError(`There is no ${kind} ${id} to be ${done}; look it up again`, 'unknown');
}
