/**
 * The configuration in memory: the objects of each kind, and the indexes that answer questions
 * about them without a search. All of it shares one timeline, so that a snapshot sees objects and
 * indexes of the same moment.
 *
 * T1 The indexes say exactly what the objects say: both change in `apply` and nowhere else.
 * T2 Applying a change touches what the change is about, whatever else there is.
 */
import { ConfigError } from '../errors.js';
import type { EntityKind, EntityTypes } from '../model/cluster.js';
import type { CapacityClaim } from '../ports/capacity.js';
import { AddressCursors } from './address-cursors.js';
import { CapacityTable } from './capacity.js';
import type { Claim, Facts, IndexKind, LinkKind } from './facts.js';
import { MultiIndex } from './multi-index.js';
import { type Moment, Timeline, VersionedMap } from './versioned-map.js';

/** An object and the store's revision that wrote it last. */
export interface Row<K extends EntityKind> {
  readonly entity: EntityTypes[K];
  readonly revision: number;
}

/** A change of one object, as the indexes and their rules see it. */
export interface Change {
  readonly kind: EntityKind;
  readonly id: string;
  /** What the object meant before; absent: it was not there. */
  readonly before: Facts | undefined;
  /** What it means afterwards; absent: it is removed. */
  readonly after: Facts | undefined;
  /** Puts the object into its table, or takes it out. */
  store(tables: Tables, revision: number): void;
}

/** What one operation has told other processes that it claims. */
export interface Published {
  /** The store's revision of the record. */
  readonly revision: number;
  readonly claims: readonly Claim[];
  /** Room on nodes. */
  readonly capacity: readonly CapacityClaim[];
}

/** Changes that belong together, found by kind and id. */
export class Changes {
  readonly all: readonly Change[];
  readonly #byId = new Map<string, Change>();

  constructor(all: readonly Change[]) {
    this.all = all;
    for (const change of all) this.#byId.set(change.id, change);
  }

  /** The change of an object; ids are unique across kinds. */
  of(id: string, kind?: EntityKind): Change | undefined {
    const change = this.#byId.get(id);
    return kind === undefined || change?.kind === kind ? change : undefined;
  }
}

type RowTables = { readonly [K in EntityKind]: VersionedMap<Row<K>> };

/** Key of the one object of the kind `cluster` in its table. */
export const CLUSTER_ROW = 'cluster';

/** Objects and indexes. */
export class Tables {
  readonly timeline = new Timeline();
  readonly rows: RowTables;
  /** Who has a value: the id of an object. */
  readonly taken: Readonly<Record<IndexKind, VersionedMap<string>>>;
  /** Who has reserved a value: the id of an operation. */
  readonly reserved: Readonly<Record<IndexKind, VersionedMap<string>>>;
  /** What operations of all processes have published of it, by their ids. */
  readonly published = new Map<string, Published>();
  /** Room on nodes that operations of all processes have claimed, by their ids. */
  readonly capacity = new CapacityTable();
  /** Operations of this process that have claimed some: what they claim is known here first. */
  readonly claimants = new Set<string>();
  readonly links: Readonly<Record<LinkKind, MultiIndex>>;
  readonly cursors = new AddressCursors();
  /** What the commit under way takes: nobody may reserve it while the store is writing. */
  inFlight: readonly Claim[] = [];
  /** The store's revision of the key that guards new claims, as far as this process knows. */
  claimsRevision = 0;
  /** Counts applied commits. */
  serial = 0;

  constructor() {
    this.rows = {
      cluster: new VersionedMap(this.timeline),
      node: new VersionedMap(this.timeline),
      group: new VersionedMap(this.timeline),
      network: new VersionedMap(this.timeline),
      instance: new VersionedMap(this.timeline),
      disk: new VersionedMap(this.timeline),
    };
    this.taken = valuesByKind(this.timeline);
    this.reserved = valuesByKind(this.timeline);
    this.links = {
      instancesOfNode: new MultiIndex(this.timeline),
      nodesOfGroup: new MultiIndex(this.timeline),
      instancesOfNetwork: new MultiIndex(this.timeline),
      groupsOfNetwork: new MultiIndex(this.timeline),
      disksOfInstance: new MultiIndex(this.timeline),
      mirrorsOfPort: new MultiIndex(this.timeline),
      shortInstanceName: new MultiIndex(this.timeline),
      shortNodeName: new MultiIndex(this.timeline),
    };
  }

  /** The cluster's settings. */
  cluster(at?: Moment): EntityTypes['cluster'] {
    const row = this.rows.cluster.get(CLUSTER_ROW, at);
    if (row === undefined) throw new ConfigError('There is no configuration yet', 'unknown');
    return row.entity;
  }

  /** Who has a value or has reserved it. The value is in its one spelling. */
  holder(index: IndexKind, value: string, at?: Moment): string | undefined {
    const holder = this.taken[index].get(value, at) ?? this.reserved[index].get(value, at);
    if (holder !== undefined || at !== undefined) return holder;
    const isComing = this.inFlight.some((claim) => claim.index === index && claim.value === value);
    return isComing ? 'a commit under way' : undefined;
  }

  /** Carries out changes that the store has kept under `revision`. */
  apply(changes: readonly Change[], revision: number): void {
    for (const { id, before } of changes) this.#forget(id, before);
    for (const change of changes) change.store(this, revision);
    for (const { id, after } of changes) this.#learn(id, after);
    this.serial++;
  }

  /** An operation gives a value back; what another one has reserved since is left alone. */
  unreserve(claim: Claim, owner: string): void {
    const reserved = this.reserved[claim.index];
    if (reserved.get(claim.value) !== owner) return;
    reserved.delete(claim.value);
    this.freed(claim);
  }

  /** Somebody has let go of a value, which others may hold all the same. */
  freed({ index, value }: Claim): void {
    if (index === 'ip' && this.holder(index, value) === undefined) this.cursors.freed(value);
  }

  #forget(id: string, facts: Facts | undefined): void {
    for (const claim of facts?.claims ?? []) {
      if (this.taken[claim.index].get(claim.value) !== id) continue;
      this.taken[claim.index].delete(claim.value);
      this.freed(claim);
    }
    for (const { index, key } of facts?.links ?? []) this.links[index].delete(key, id);
  }

  #learn(id: string, facts: Facts | undefined): void {
    for (const { index, value } of facts?.claims ?? []) this.taken[index].set(value, id);
    for (const { index, key } of facts?.links ?? []) this.links[index].add(key, id);
  }
}

function valuesByKind(timeline: Timeline): Record<IndexKind, VersionedMap<string>> {
  return {
    mac: new VersionedMap(timeline),
    ip: new VersionedMap(timeline),
    volume: new VersionedMap(timeline),
    name: new VersionedMap(timeline),
    port: new VersionedMap(timeline),
    minor: new VersionedMap(timeline),
    id: new VersionedMap(timeline),
    nodeName: new VersionedMap(timeline),
    groupName: new VersionedMap(timeline),
    networkName: new VersionedMap(timeline),
  };
}
