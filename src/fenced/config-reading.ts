/**
 * Reading the configuration through somebody else's eyes: for what writes in a way of its own and
 * reads as the store does.
 */
import type { Cluster, EntityKind, EntityTypes } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import type { GroupId, InstanceId, NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { Node, NodeGroup } from '../model/node.js';
import type { ConfigReader, UniqueKind } from '../ports/config-store.js';

type Kind = Exclude<EntityKind, 'cluster'>;

/** Reads as its source does. */
export class ConfigReading implements ConfigReader {
  readonly #source: ConfigReader;

  constructor(source: ConfigReader) {
    this.#source = source;
  }

  get serial(): number {
    return this.#source.serial;
  }
  get cluster(): Cluster {
    return this.#source.cluster;
  }
  find<K extends Kind>(kind: K, id: string): EntityTypes[K] | undefined {
    return this.#source.find(kind, id);
  }
  all<K extends Kind>(kind: K): Iterable<EntityTypes[K]> {
    return this.#source.all(kind);
  }
  count(kind: Kind): number {
    return this.#source.count(kind);
  }
  node(id: NodeId): Node {
    return this.#source.node(id);
  }
  group(id: GroupId): NodeGroup {
    return this.#source.group(id);
  }
  instance(id: InstanceId): Instance {
    return this.#source.instance(id);
  }
  findNode(nameOrId: string): Node | undefined {
    return this.#source.findNode(nameOrId);
  }
  findGroup(nameOrId: string): NodeGroup | undefined {
    return this.#source.findGroup(nameOrId);
  }
  findNetwork(nameOrId: string): Network | undefined {
    return this.#source.findNetwork(nameOrId);
  }
  findInstance(nameOrId: string): Instance | undefined {
    return this.#source.findInstance(nameOrId);
  }
  disksOf(instance: Instance): readonly Disk[] {
    return this.#source.disksOf(instance);
  }
  instancesOn(node: NodeId): readonly Instance[] {
    return this.#source.instancesOn(node);
  }
  nodesIn(group: GroupId): readonly Node[] {
    return this.#source.nodesIn(group);
  }
  holderOf(kind: UniqueKind, value: string): string | undefined {
    return this.#source.holderOf(kind, value);
  }
  snapshot(): ConfigReader {
    return this.#source.snapshot();
  }
}
