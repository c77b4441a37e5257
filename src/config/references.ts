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
import { factsOf, type Facts, type LinkKind, type Reference } from './facts.js';
import { type Change, CLUSTER_ROW, type Tables } from './tables.js';

/** Throws `ConfigError`: `unknown` for a dangling reference, `in_use` for what is still needed. */
export function checkReferences(tables: Tables, changes: readonly Change[]): void {
  const outcome = new Outcome(tables, changes);
  for (const change of changes) {
    for (const ref of change.after?.refs ?? []) outcome.mustExist(change, ref);
    if (change.after === undefined) outcome.mustBeUnused(change);
    if (change.kind === 'disk') outcome.mustNotBeListedElsewhere(change);
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
  readonly #changes = new Map<string, Change>();

  constructor(tables: Tables, changes: readonly Change[]) {
    this.#tables = tables;
    for (const change of changes) this.#changes.set(`${change.kind}/${change.id}`, change);
  }

  mustExist({ kind, id }: Change, ref: Reference): void {
    const target = this.#facts(ref.kind, ref.id);
    const isFine =
      target !== undefined && (ref.kind !== 'disk' || refersTo(target, 'instance', id));
    if (isFine) return;
    const problem = target === undefined ? 'is not there' : 'belongs to another instance';
    throw new ConfigError(
      `The ${kind} ${id} refers to ${ref.kind} ${ref.id}, which ${problem}`,
      'unknown',
    );
  }

  mustBeUnused({ kind, id }: Change): void {
    for (const [link, by] of USERS[kind] ?? []) {
      for (const user of this.#tables.links[link].members(id)) this.#mustNotUse(by, user, kind, id);
    }
    if (kind === 'node') this.#mustNotUse('cluster', CLUSTER_ROW, kind, id);
  }

  /** A disk that goes, or moves to another instance, has to leave its old instance's list. */
  mustNotBeListedElsewhere({ id, before, after }: Change): void {
    for (const home of before?.refs ?? []) {
      if (after === undefined || !refersTo(after, home.kind, home.id)) {
        this.#mustNotUse('instance', home.id, 'disk', id);
      }
    }
  }

  #mustNotUse(by: EntityKind, user: string, kind: EntityKind, id: string): void {
    const facts = this.#facts(by, user);
    if (facts === undefined || !refersTo(facts, kind, id)) return;
    throw new ConfigError(
      `The ${kind} ${id} cannot go: ${by} ${user} needs it; change that in the same commit`,
      'in_use',
    );
  }

  #facts(kind: EntityKind, id: string): Facts | undefined {
    const change = this.#changes.get(`${kind}/${id}`);
    return change === undefined ? storedFacts(this.#tables, kind, id) : change.after;
  }
}

function storedFacts<K extends EntityKind>(tables: Tables, kind: K, id: string): Facts | undefined {
  const row = tables.rows[kind].get(id);
  return row === undefined ? undefined : factsOf(kind, row.entity);
}

function refersTo({ refs }: Facts, kind: EntityKind, id: string): boolean {
  return refs.some((ref) => ref.kind === kind && ref.id === id);
}
