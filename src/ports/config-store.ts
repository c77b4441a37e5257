/**
 * The configuration: what the cluster knows about itself. Readers see frozen objects and answer
 * every question by an index; writers make whole commits.
 */
import type { Draft } from 'immer';
import type { Cluster, EntityKind, EntityTypes } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import type { GroupId, InstanceId, NetworkId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { Node, NodeGroup } from '../model/node.js';
import type { Secret } from '../model/secret.js';
import type { CapacityClaim, ClaimedByOthers, ClaimMemory } from './capacity.js';
import type { FenceSource } from './fence.js';
import type { KvOp } from './kv-store.js';

/**
 * Things of which no two may be equal. `ip` values are `networkId/address`, or `/address` outside
 * networks; `name` values are instance names; `volume` values name a place of data (`file:/path`);
 * `minor` values are `nodeId/minor`.
 * @public
 */
export type UniqueKind = 'mac' | 'ip' | 'volume' | 'name' | 'port' | 'minor' | 'id';

/**
 * Reading the configuration. Objects are frozen; the same object is handed out until it changes.
 * @public
 */
export interface ConfigReader {
  /** Counts the commits that this process has made or seen, from 0. */
  readonly serial: number;
  /** The cluster's settings. */
  readonly cluster: Cluster;
  /** An object by kind and id. */
  find<K extends Exclude<EntityKind, 'cluster'>>(kind: K, id: string): EntityTypes[K] | undefined;
  /** All objects of a kind; order is not defined. */
  all<K extends Exclude<EntityKind, 'cluster'>>(kind: K): Iterable<EntityTypes[K]>;
  /** How many objects of a kind there are. */
  count(kind: Exclude<EntityKind, 'cluster'>): number;
  /** A node; throws `PrereqError` `unknown_entity` if there is none. */
  node(id: NodeId): Node;
  /** A group; throws `PrereqError` `unknown_entity` if there is none. */
  group(id: GroupId): NodeGroup;
  /** An instance; throws `PrereqError` `unknown_entity` if there is none. */
  instance(id: InstanceId): Instance;
  /** A node by name or UUID; a short name is enough if it fits one node only. */
  findNode(nameOrId: string): Node | undefined;
  /** A group by name or UUID. */
  findGroup(nameOrId: string): NodeGroup | undefined;
  /** A network by name or UUID. */
  findNetwork(nameOrId: string): Network | undefined;
  /** An instance by name or UUID; a short name is enough if it fits one instance only. */
  findInstance(nameOrId: string): Instance | undefined;
  /** An instance's disks, in order. */
  disksOf(instance: Instance): readonly Disk[];
  /** Instances which have the node as primary or secondary. */
  instancesOn(node: NodeId): readonly Instance[];
  /** Nodes of a group. */
  nodesIn(group: GroupId): readonly Node[];
  /** Who has this value, or has it reserved; `undefined` if it is free. */
  holderOf(kind: UniqueKind, value: string): string | undefined;
  /** The state of this moment; later commits do not show in it. */
  snapshot(): ConfigReader;
}

/**
 * One commit in the making. Serial numbers and time stamps are the store's work.
 * @public
 */
export interface ConfigDraft {
  /** Adds an object. Serial and times are set by the store, whatever the object says. */
  add<K extends Exclude<EntityKind, 'cluster'>>(kind: K, entity: EntityTypes[K]): void;
  /** Changes an object by an immer recipe. */
  update<K extends Exclude<EntityKind, 'cluster'>>(
    kind: K,
    id: string,
    recipe: (draft: Draft<EntityTypes[K]>) => void,
  ): void;
  /** Changes the cluster's settings by an immer recipe. */
  updateCluster(recipe: (draft: Draft<Cluster>) => void): void;
  /** Removes an object. */
  remove(kind: Exclude<EntityKind, 'cluster'>, id: string): void;
}

/**
 * What goes with a commit.
 * @public
 */
export interface CommitOptions {
  /**
   * Changes to other keys of the same store (the journal's), carried out in the same transaction.
   */
  readonly alongside?: readonly KvOp[];
  /** The operation that commits: what it has reserved it may take, what others have it may not. */
  readonly owner?: string;
  /** The right in which it commits; compared in the same transaction. */
  readonly fence?: FenceSource;
}

/**
 * Reading and writing.
 * @public
 */
export interface ConfigStore extends ConfigReader {
  /**
   * Carries out a commit: durable as a whole or not at all. `why` is for logs. The recipe runs on
   * the newest state, may run more than once, and must not wait for anything. Rejects with
   * `ConfigError`: `not_unique` if two objects would share what must be unique, `unknown` if an
   * object is not there, `conflict` if another process was faster too often.
   * Also `not_unique`: an object takes what an operation other than `options.owner` has reserved;
   * and `in_use`: an object is removed that another one refers to. With `LockLost` if
   * `options.fence` does not hold any more.
   */
  commit(why: string, recipe: (draft: ConfigDraft) => void, options?: CommitOptions): Promise<void>;
  /**
   * Resolves once all is seen here that other processes had changed when this was called: what was
   * written under locks is known to whoever gets them next. `undefined` if there are no others.
   */
  freshen(): Promise<void> | undefined;
  /** Opens a set of claims in the name of `owner`, an operation's id. */
  reservations(owner: string): OwnedReservations;
  /** Operations of all processes, as far as known, whose claims are published. */
  claimants(): readonly string[];
  /**
   * Takes back what an operation has published, for all processes; by itself when it ends, or by
   * whoever finishes it in its place. What was not published is not touched. Rejects like `commit`.
   */
  dropClaims(owner: string, fence?: FenceSource): Promise<void>;
}

/**
 * How an address is claimed.
 * @public
 */
export interface ClaimIpOptions {
  /** Also if something outside the cluster is said to use it; false if not given. */
  readonly evenReserved?: boolean;
}

/**
 * How a port is drawn.
 * @public
 */
export interface DrawPortOptions {
  /** Do not look whether a mirrored disk has the port, as Ganeti does not; false if not given. */
  readonly unseen?: boolean;
}

/**
 * Claims made while planning. They share the configuration's indexes, so that nobody else can take
 * what is claimed; all are dropped when the attempt ends. Each throws `PrereqError`
 * (`resource_not_unique`, `already_exists` or `insufficient_resources`).
 * @public
 */
export interface Reservations {
  /** Draws a free hardware address with the network's, else the cluster's prefix. */
  drawMac(prefix?: string): string;
  /** Claims a given hardware address. */
  mac(mac: string): void;
  /** Claims an address, in a network or outside of any. */
  ip(address: string, network?: NetworkId, options?: ClaimIpOptions): void;
  /** Draws the lowest free address of a network's pool. */
  drawIp(network: NetworkId): string;
  /** Claims a place of data, such as `file:/srv/web1/disk0`. */
  volume(place: string): void;
  /** Claims an instance name. */
  name(name: string): void;
  /** Claims a console port: the lowest given back, else the highest used plus one. */
  drawPort(options?: DrawPortOptions): number;
  /** Claims the lowest free DRBD minor of a node. */
  drawMinor(node: NodeId): number;
  /** Draws a fresh UUID that no object has. */
  drawId(): string;
  /** Draws a secret of so many random bytes, as hexadecimal digits. */
  drawSecret(bytes: number): Secret<string>;
}

/**
 * Claims with their end.
 * @public
 */
export interface OwnedReservations extends Reservations {
  /** How many claims are held. */
  readonly size: number;
  /**
   * Makes the claims known to other processes on the same store, all of them or none. Answers with
   * words for the first one that another process was faster with; `undefined` if there is none.
   * What nobody else can see needs no publishing: then nothing happens. Rejects like `commit`.
   */
  publish(fence?: FenceSource): Promise<string | undefined>;
  /** Room on nodes that is claimed. */
  readonly capacity: readonly CapacityClaim[];
  /** Room that others have claimed, those of other processes included. */
  capacityOfOthers(): ClaimedByOthers;
  /** Remembers from now on what others claim. */
  rememberCapacity(): ClaimMemory;
  /**
   * Claims room on nodes in place of what was claimed before, as this process sees it. False, and
   * all is as before, if somebody claimed room on one of these nodes that is not in `seen`.
   */
  takeCapacity(claims: readonly CapacityClaim[], seen: ClaimedByOthers): boolean;
  /**
   * Publishes the room that was taken last. False, and the claims are those from before it, if
   * another process has claimed some on the same nodes that was not seen. Rejects like `commit`.
   */
  confirmCapacity(fence?: FenceSource): Promise<boolean>;
  /** Gives room back that nodes count as used by now. Rejects like `commit`. */
  settleCapacity(what: 'disks' | 'all', fence?: FenceSource): Promise<void>;
  /** Chooses a place while no other operation of this process does. */
  inTurn<T>(choose: () => Promise<T>): Promise<T>;
  /**
   * Drops all claims in this process; `ConfigStore.dropClaims` those that were published.
   * Twice is harmless. What was committed meanwhile stays taken.
   */
  release(): void;
}
