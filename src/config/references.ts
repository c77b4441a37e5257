/**
 * Whether all that the objects of a commit refer to is there afterwards, and nothing is removed
 * that others still need. Judged by the state after the commit, so that the order of its parts is
 * free.
 *
 * R1 Nodes, groups, networks and instances that an object names exist.
 * R2 An instance lists disks only which say that they are its own.
 */
import { ConfigError } from '../errors.js';
import type { EntityKind } from '../model/cluster.js';
import { type Facts, factsOf, type LinkKind, type Reference } from './facts.js';
import { type Change, type Changes, CLUSTER_ROW, type Tables } from './tables.js';

/** Throws `ConfigError`: `unknown` for a dangling reference, `in_use` for what is still needed. */
export function checkReferences(tables: Tables, changes: Changes): void {
  const outcome = new Outcome(tables, changes);
  for (const change of changes.all) {
    for (const ref of change.after?.refs ?? []) outcome.mustExist(change, ref);
    if (change.after === undefined) outcome.mustBeUnused(change);
    if (change.kind === 'disk' && change.before !== undefined) outcome.mustNotBeListed(change);
  }
}

/** Who refers to objects of a kind, and the index that knows them. */
const USERS: { readonly [K in EntityKind]?: readonly (readonly [LinkKind, EntityKind])[] } = {
  node: [['instancesOfNode', 'instance']],
  group: [['nodesOfGroup', 'node']],
  network: [
    ['instancesOfNetwork', 'instance'],
    ['groupsOfNetwork', 'group'],
  ],
  instance: [['disksOfInstance', 'disk']],
};

/** The state after the commit, as far as references go. */
class Outcome {
  readonly #tables: Tables;
  readonly #changes: Changes;

  constructor(tables: Tables, changes: Changes) {
    this.#tables = tables;
    this.#changes = changes;
  }

  mustExist({ kind, id }: Change, ref: Reference): void {
    const change = this.#changes.of(ref.id, ref.kind);
    const isThere =
      change === undefined
        ? this.#tables.rows[ref.kind].get(ref.id) !== undefined
        : change.after !== undefined;
    if (!isThere) throw wrongReference(kind, id, ref, 'is not there');
    if (ref.kind === 'disk' && this.#homeOf(ref.id, change) !== id) {
      throw wrongReference(kind, id, ref, 'belongs to another instance');
    }
  }

  mustBeUnused({ kind, id }: Change): void {
    for (const [link, by] of USERS[kind] ?? []) {
      for (const user of this.#tables.links[link].members(id)) this.#mustNotUse(by, user, kind, id);
    }
    if (kind === 'node') this.#mustNotUse('cluster', CLUSTER_ROW, kind, id);
  }

  /** A disk that goes, or moves to another instance, has to leave its old instance's list. */
  mustNotBeListed({ id, before, after }: Change): void {
    for (const home of before?.refs ?? []) {
      if (after === undefined || !refersTo(after, home.kind, home.id)) {
        this.#mustNotUse('instance', home.id, 'disk', id);
      }
    }
  }

  #homeOf(disk: string, change: Change | undefined): string | undefined {
    if (change === undefined) return this.#tables.rows.disk.get(disk)?.entity.instanceId;
    return change.after?.refs.find(({ kind }) => kind === 'instance')?.id;
  }

  #mustNotUse(by: EntityKind, user: string, kind: EntityKind, id: string): void {
    const change = this.#changes.of(user, by);
    const facts = change === undefined ? storedFacts(this.#tables, by, user) : change.after;
    if (facts === undefined || !refersTo(facts, kind, id)) return;
    throw new ConfigError(
      `The ${kind} ${id} cannot go: ${by} ${user} needs it; change that in the same commit`,
      'in_use',
    );
  }
}

function storedFacts<K extends EntityKind>(tables: Tables, kind: K, id: string): Facts | undefined {
  const row = tables.rows[kind].get(id);
  return row === undefined ? undefined : factsOf(kind, row.entity);
}

function refersTo({ refs }: Facts, kind: EntityKind, id: string): boolean {
  return refs.some((ref) => ref.kind === kind && ref.id === id);
}

function wrongReference(kind: EntityKind, id: string, ref: Reference, why: string): ConfigError {
  return new ConfigError(
    `The ${kind} ${id} refers to ${ref.kind} ${ref.id}, which ${why}`,
    'unknown',
  );
}
