/**
 * The configuration inside one operation: commits are made in the operation's name (so that its own
 * claims do not stand in its way), can carry an undo entry, and are reported.
 */
import type { ConfigWriter } from './lu-base.js';
import type { JournalSlot } from './journal-slot.js';
import type { Cluster, EntityKind, EntityTypes } from './model/cluster.js';
import type { Disk } from './model/disk.js';
import type { GroupId, InstanceId, NodeId } from './model/ids.js';
import type { Instance } from './model/instance.js';
import type { Network } from './model/network.js';
import type { Node, NodeGroup } from './model/node.js';
import type { ConfigDraft, ConfigReader, ConfigStore, UniqueKind } from './ports/config-store.js';
import type { DeferredUndo, UndoEntry } from './ports/journal.js';
import type { KvOp } from './ports/kv-store.js';
import type { Reports } from './reports.js';

type Kind = Exclude<EntityKind, 'cluster'>;

const NOTHING_DEFERRED: DeferredUndo = { discard: () => Promise.resolve() };

/** Reads as the store does; writes in the operation's name. */
export class SessionConfig implements ConfigWriter {
  readonly #store: ConfigStore;
  readonly #journal: JournalSlot;
  readonly #reports: Reports;
  readonly #owner: string;

  constructor(store: ConfigStore, journal: JournalSlot, reports: Reports, owner: string) {
    this.#store = store;
    this.#journal = journal;
    this.#reports = reports;
    this.#owner = owner;
  }

  async commit(
    why: string,
    recipe: (draft: ConfigDraft) => void,
    undo?: UndoEntry,
  ): Promise<DeferredUndo> {
    const write = (alongside: readonly KvOp[]): Promise<void> =>
      this.#store.commit(why, recipe, { owner: this.#owner, alongside });
    const deferred = undo === undefined ? write([]) : this.#journal.alongside(undo, write);
    const handle = await deferred;
    this.#reports.emit({ type: 'commit', why, serial: this.#store.serial });
    return handle ?? NOTHING_DEFERRED;
  }

  get serial(): number {
    return this.#store.serial;
  }
  get cluster(): Cluster {
    return this.#store.cluster;
  }
  find<K extends Kind>(kind: K, id: string): EntityTypes[K] | undefined {
    return this.#store.find(kind, id);
  }
  all<K extends Kind>(kind: K): Iterable<EntityTypes[K]> {
    return this.#store.all(kind);
  }
  count(kind: Kind): number {
    return this.#store.count(kind);
  }
  node(id: NodeId): Node {
    return this.#store.node(id);
  }
  group(id: GroupId): NodeGroup {
    return this.#store.group(id);
  }
  instance(id: InstanceId): Instance {
    return this.#store.instance(id);
  }
  findNode(nameOrId: string): Node | undefined {
    return this.#store.findNode(nameOrId);
  }
  findGroup(nameOrId: string): NodeGroup | undefined {
    return this.#store.findGroup(nameOrId);
  }
  findNetwork(nameOrId: string): Network | undefined {
    return this.#store.findNetwork(nameOrId);
  }
  findInstance(nameOrId: string): Instance | undefined {
    return this.#store.findInstance(nameOrId);
  }
  disksOf(instance: Instance): readonly Disk[] {
    return this.#store.disksOf(instance);
  }
  instancesOn(node: NodeId): readonly Instance[] {
    return this.#store.instancesOn(node);
  }
  nodesIn(group: GroupId): readonly Node[] {
    return this.#store.nodesIn(group);
  }
  holderOf(kind: UniqueKind, value: string): string | undefined {
    return this.#store.holderOf(kind, value);
  }
  snapshot(): ConfigReader {
    return this.#store.snapshot();
  }
}
