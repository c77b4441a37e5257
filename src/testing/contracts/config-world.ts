/**
 * The small cluster that the contract of the configuration is tried on: two nodes, a network of two
 * addresses with a gateway, nothing else.
 */
import type { GroupId, InstanceId, NetworkId, NicId, NodeId } from '../../model/ids.js';
import type { Instance } from '../../model/instance.js';
import type { Network } from '../../model/network.js';
import type { Nic } from '../../model/nic.js';
import type { Clock, Ids } from '../../ports/clock.js';
import type { ConfigStore } from '../../ports/config-store.js';
import type { InitConfigOptions } from '../../config/cluster-config.js';
import { makeCluster, makeGroup, makeInstance, makeNode } from '../make.js';
import { SeededIds } from '../seeded-ids.js';

/**
 * What the store to be tried starts with.
 * @public
 */
export type ConfigWorld = Omit<InitConfigOptions, 'store' | 'clock'>;

/**
 * A configuration to be tried, fresh for each test.
 * @public
 */
export interface ConfigStoreFixture {
  /** The configuration, which holds the world and nothing else. */
  readonly config: ConfigStore;
  /** The clock that it stamps objects by. */
  readonly clock: Clock;
  /** Opens the same configuration once more, as a process that starts later would. */
  reopen(): Promise<ConfigStore>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** A single promise. */
export type Check = (fixture: ConfigStoreFixture) => Promise<void>;

export const NODE_1: NodeId = 'node-node1.example.com' as NodeId;
export const NODE_2: NodeId = 'node-node2.example.com' as NodeId;
export const GROUP: GroupId = 'group-default' as GroupId;
export const NETWORK: NetworkId = 'net-1' as NetworkId;

const NETWORK_1: Network = {
  id: NETWORK,
  name: 'lan',
  cidr: '198.51.100.0/29',
  gateway: '198.51.100.1',
  reservedIps: [0, 1, 3, 5, 6, 7].map((end) => `198.51.100.${end}`),
  serial: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
  tags: [],
};

/** The world. */
export const WORLD: ConfigWorld = {
  cluster: makeCluster(NODE_1),
  nodes: [
    makeNode('node1.example.com', { primaryIp: '192.0.2.1' }),
    makeNode('node2.example.com', { primaryIp: '192.0.2.2' }),
  ],
  groups: [makeGroup()],
  networks: [NETWORK_1],
};

const ids: Ids = new SeededIds(2026);

/** An instance on the first node. */
export function instance(name: string, facts: Partial<Instance> = {}): Instance {
  return makeInstance(name, NODE_1, ids, { id: `id-of-${name}` as InstanceId, ...facts });
}

/** A card. */
export function nic(mac: string, facts: Partial<Nic> = {}): Nic {
  return { id: ids.uuid() as NicId, mac, params: {}, ...facts };
}

/** Adds instances, one commit each. */
export async function add(config: ConfigStore, ...instances: readonly Instance[]): Promise<void> {
  for (const one of instances) {
    await config.commit(`add ${one.name}`, (draft) => draft.add('instance', one));
  }
}
