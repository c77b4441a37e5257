/**
 * How a configuration begins: made once on an empty store, opened ever after.
 */
import { ConfigError } from '../errors.js';
import type { Cluster, EntityKind, EntityTypes } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import type { Instance } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { Node, NodeGroup } from '../model/node.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { KvOp, KvStore } from '../ports/kv-store.js';
import type { ReportEvents } from '../ports/reporter.js';
import { EntityChange, stamp } from './change.js';
import { CONFIG_PREFIX, FORMAT, FORMAT_KEY } from './codec.js';
import { deepFreeze } from './deep-freeze.js';
import { Follower } from './follower.js';
import { checkReferences } from './references.js';
import { applyRecords } from './stored-changes.js';
import { type ClusterConfig, StoredConfig } from './stored-config.js';
import { type Change, Changes, CLUSTER_ROW, Tables } from './tables.js';
import { Turnstile } from './turnstile.js';
import { newClaims } from './uniqueness.js';

export type { ClusterConfig } from './stored-config.js';

/**
 * What opening a configuration needs.
 * @public
 */
export interface OpenConfigOptions {
  /** Where it is kept. Stays open when the configuration is closed. */
  readonly store: KvStore;
  /** Time of the objects' stamps. */
  readonly clock: Clock;
  /** Where drawn ids and addresses come from. */
  readonly ids: Ids;
  /** Whether other processes write to the same store, so that their changes have to be followed. */
  readonly follow?: boolean;
  /** Told after each commit of this process. */
  readonly onCommit?: (event: ReportEvents['commit']) => void;
  /** Told if following has ended because of an error; commits still notice what they missed. */
  readonly onFollowLost?: (error: unknown) => void;
}

/**
 * What a new cluster begins with. Serial numbers and times are set by the store, whatever the
 * objects say, unless they are to be kept.
 * @public
 */
export interface InitConfigOptions {
  /** Where it will be kept. */
  readonly store: KvStore;
  /** Time of the objects' stamps. */
  readonly clock: Clock;
  /** The cluster's settings. */
  readonly cluster: Cluster;
  /** Nodes; the master at least. */
  readonly nodes: readonly Node[];
  /** The nodes' groups. */
  readonly groups: readonly NodeGroup[];
  /** Networks. */
  readonly networks?: readonly Network[];
  /** Instances. */
  readonly instances?: readonly Instance[];
  /** Their disks. */
  readonly disks?: readonly Disk[];
  /** Whether serial numbers and times stay as they are: for a cluster that is taken over. */
  readonly keepStamps?: boolean;
}

/**
 * Opens a configuration: reads all of it, checks it, and keeps it in memory. Rejects with
 * `ConfigError`: `unknown` if the store holds none, `corrupt` if a record is damaged or records
 * contradict each other.
 * @public
 */
export async function openConfig(options: OpenConfigOptions): Promise<ClusterConfig> {
  const { store, clock, ids, onCommit, onFollowLost = () => {} } = options;
  const tables = new Tables();
  const { entries, revision } = await store.range(CONFIG_PREFIX);
  if (entries.length === 0) {
    throw new ConfigError('The store holds no configuration yet; make one first', 'unknown');
  }
  applyRecords(tables, entries);
  tables.cluster();
  tables.serial = 0;
  const turnstile = new Turnstile();
  const parts = { store, tables, turnstile, clock, onLost: onFollowLost };
  const follower = options.follow === true ? new Follower(parts, revision) : undefined;
  follower?.start();
  return new StoredConfig({ store, clock, ids, tables, turnstile, follower, onCommit });
}

/**
 * Makes a configuration on a store that has none. Rejects with `ConfigError`: `conflict` if there
 * is one already, `not_unique` or `unknown` if the objects contradict each other.
 * @public
 */
export async function initConfig(options: InitConfigOptions): Promise<void> {
  const { store, clock } = options;
  const tables = new Tables();
  const ops: KvOp[] = [{ op: 'put', key: FORMAT_KEY, value: FORMAT }];
  const changes: Change[] = [];
  const add = <K extends EntityKind>(kind: K, objects: readonly EntityTypes[K][] = []): void => {
    for (const object of objects) {
      const isFresh = options.keepStamps !== true;
      const entity = isFresh ? stamp(object, undefined, clock.now()) : deepFreeze({ ...object });
      const id = kind === 'cluster' ? CLUSTER_ROW : entity.id;
      const change = new EntityChange(kind, id, undefined, entity);
      changes.push(change);
      ops.push(change.op());
    }
  };
  add('cluster', [options.cluster]);
  add('group', options.groups);
  add('node', options.nodes);
  add('network', options.networks);
  add('instance', options.instances);
  add('disk', options.disks);
  const together = new Changes(changes);
  newClaims(tables, together);
  checkReferences(tables, together);
  const { committed } = await store.txn([{ key: FORMAT_KEY, revision: 0 }], ops);
  if (!committed) {
    throw new ConfigError('The store holds a configuration already; open it instead', 'conflict');
  }
}
