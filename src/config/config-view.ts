/**
 * Reading the configuration, now or as it was at a moment: each question is answered by an index.
 */
import { ConfigError, refuse } from '../errors.js';
import type { Cluster, EntityTypes } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import type { GroupId, InstanceId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { Node, NodeGroup } from '../model/node.js';
import type { ConfigReader, UniqueKind } from '../ports/config-store.js';
import type { ListedKind } from './draft.js';
import { type IndexKind, type LinkKind, spelling } from './facts.js';
import type { Tables } from './tables.js';
import type { Moment } from './versioned-map.js';

/** A reader of tables; without a moment it shows them as they are, also later. */
export class ConfigView implements ConfigReader {
  readonly #tables: Tables;
  readonly #at: Moment | undefined;
  readonly #serial: number | undefined;

  constructor(tables: Tables, at?: Moment) {
    this.#tables = tables;
    this.#at = at;
    this.#serial = at === undefined ? undefined : tables.serial;
  }

  /** Counts the changes that this process has seen since it opened the configuration, from 0. */
  get serial(): number {
    return this.#serial ?? this.#tables.serial;
  }

  /** The cluster's settings. */
  get cluster(): Cluster {
    return this.#tables.cluster(this.#at);
  }

  /** An object by kind and id. */
  find<K extends ListedKind>(kind: K, id: string): EntityTypes[K] | undefined {
    return this.#tables.rows[kind].get(id, this.#at)?.entity;
  }

  /** All objects of a kind. */
  *all<K extends ListedKind>(kind: K): Generator<EntityTypes[K]> {
    for (const row of this.#tables.rows[kind].values(this.#at)) yield row.entity;
  }

  /** How many objects of a kind there are. */
  count(kind: ListedKind): number {
    return this.#tables.rows[kind].size(this.#at);
  }

  /** A node that is known to be there. */
  node(id: NodeId): Node {
    return this.find('node', id) ?? refuse.unknown(`There is no node with the id ${id}`);
  }

  /** A group that is known to be there. */
  group(id: GroupId): NodeGroup {
    return this.find('group', id) ?? refuse.unknown(`There is no node group with the id ${id}`);
  }

  /** An instance that is known to be there. */
  instance(id: InstanceId): Instance {
    return this.find('instance', id) ?? refuse.unknown(`There is no instance with the id ${id}`);
  }

  /** A node by id, name or short name. */
  findNode(nameOrId: string): Node | undefined {
    return this.#named('node', nameOrId, 'nodeName', 'shortNodeName');
  }

  /** A group by id or name. */
  findGroup(nameOrId: string): NodeGroup | undefined {
    return this.#named('group', nameOrId, 'groupName');
  }

  /** A network by id or name. */
  findNetwork(nameOrId: string): Network | undefined {
    return this.#named('network', nameOrId, 'networkName');
  }

  /** An instance by id, name or short name. */
  findInstance(nameOrId: string): Instance | undefined {
    return this.#named('instance', nameOrId, 'name', 'shortInstanceName');
  }

  /** An instance's disks, in order. */
  disksOf(instance: Instance): readonly Disk[] {
    return instance.diskIds.map((id) => {
      const disk = this.find('disk', id);
      if (disk !== undefined) return disk;
      throw new ConfigError(`Instance ${instance.name} has no disk ${id} any more`, 'unknown');
    });
  }

  /** Instances that have the node as primary or secondary. */
  instancesOn(node: NodeId): readonly Instance[] {
    return this.#linked('instance', 'instancesOfNode', node);
  }

  /** Nodes of a group. */
  nodesIn(group: GroupId): readonly Node[] {
    return this.#linked('node', 'nodesOfGroup', group);
  }

  /** Who has a value, or has it reserved. */
  holderOf(kind: UniqueKind, value: string): string | undefined {
    return this.#tables.holder(kind, spelling(kind, value), this.#at);
  }

  /** The state of this moment: costs nothing, however large the configuration is. */
  snapshot(): ConfigReader {
    return new ConfigView(this.#tables, this.#at ?? this.#tables.timeline.mark());
  }

  #named<K extends ListedKind>(
    kind: K,
    nameOrId: string,
    names: IndexKind,
    shortNames?: LinkKind,
  ): EntityTypes[K] | undefined {
    const byId = this.find(kind, nameOrId);
    if (byId !== undefined) return byId;
    const name = spelling(names, nameOrId);
    const id = this.#tables.taken[names].get(name, this.#at);
    if (id !== undefined) return this.find(kind, id);
    if (shortNames === undefined) return undefined;
    const short = this.#tables.links[shortNames].only(name.toLowerCase(), this.#at);
    return short === undefined ? undefined : this.find(kind, short);
  }

  #linked<K extends ListedKind>(kind: K, index: LinkKind, key: string): EntityTypes[K][] {
    const ids = this.#tables.links[index].members(key, this.#at);
    return ids.flatMap((id) => this.find(kind, id) ?? []);
  }
}
