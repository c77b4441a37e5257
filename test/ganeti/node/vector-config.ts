/**
 * A configuration out of Ganeti's own form, held in plain maps: enough for what calls are filled
 * from.
 */
import { decodeCluster } from '../../../src/ganeti/objects/cluster.js';
import { decodeDisk } from '../../../src/ganeti/objects/disk.js';
import { decodeGroup } from '../../../src/ganeti/objects/group.js';
import { decodeInstance } from '../../../src/ganeti/objects/instance.js';
import { decodeNetwork } from '../../../src/ganeti/objects/network.js';
import { decodeNode } from '../../../src/ganeti/objects/node.js';
import type { EntityKind, EntityTypes } from '../../../src/model/cluster.js';
import type { InstanceId } from '../../../src/model/ids.js';
import type { Instance } from '../../../src/model/instance.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';

type Json = Readonly<Record<string, unknown>>;
type Objects = Readonly<Record<string, Json>>;
type Tables = { [K in Exclude<EntityKind, 'cluster'>]: Map<string, EntityTypes[K]> };

/** A configuration as Ganeti keeps it. */
export interface WireConfig {
  readonly cluster: Json;
  readonly nodes: Objects;
  readonly nodegroups: Objects;
  readonly networks: Objects;
  readonly instances: Objects;
  readonly disks: Objects;
}

/** Reads it; further addresses can be marked as taken, as `network/address`. */
export function configOf(wire: WireConfig, taken: ReadonlySet<string> = new Set()): ConfigReader {
  const tables = tablesOf(wire);
  const get = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('not in the configuration');
    return value;
  };
  const byName = <T extends { name: string; id: string }>(all: Map<string, T>, text: string) =>
    [...all.values()].find(({ name, id }) => name === text || id === text);
  const reader: ConfigReader = {
    serial: 0,
    cluster: decodeCluster(wire.cluster),
    find: (kind, id) => tables[kind].get(id),
    all: (kind) => tables[kind].values(),
    count: (kind) => tables[kind].size,
    node: (id) => get(tables.node.get(id)),
    group: (id) => get(tables.group.get(id)),
    instance: (id) => get(tables.instance.get(id)),
    findNode: (text) => byName(tables.node, text),
    findGroup: (text) => byName(tables.group, text),
    findNetwork: (text) => byName(tables.network, text),
    findInstance: (text) => byName(tables.instance, text),
    disksOf: ({ diskIds }) => diskIds.map((id) => get(tables.disk.get(id))),
    instancesOn: () => [],
    nodesIn: () => [],
    holderOf: (_kind, value) => (taken.has(value) ? 'somebody' : holder(tables.instance, value)),
    snapshot: () => reader,
  };
  return reader;
}

function holder(instances: ReadonlyMap<string, Instance>, value: string): string | undefined {
  for (const { id, nics } of instances.values()) {
    if (nics.some(({ ip, networkId }) => `${networkId ?? ''}/${ip ?? ''}` === value)) return id;
  }
  return undefined;
}

function tablesOf(wire: WireConfig): Tables {
  const disk = new Map<string, EntityTypes['disk']>();
  const instance = new Map<string, Instance>();
  for (const [id, json] of Object.entries(wire.instances)) {
    const ids = json['disks'] as readonly string[];
    const disks = ids.map((diskId, index) =>
      decodeDisk(wire.disks[diskId], { instanceId: id as InstanceId, index }),
    );
    for (const one of disks) disk.set(one.id, one);
    instance.set(id, decodeInstance(json, disks));
  }
  const ips = (network: string): string[] =>
    [...instance.values()].flatMap(({ nics }) =>
      nics.flatMap(({ ip, networkId }) => (networkId === network && ip !== undefined ? [ip] : [])),
    );
  return {
    node: decoded(wire.nodes, decodeNode),
    group: decoded(wire.nodegroups, decodeGroup),
    network: decoded(wire.networks, (json) => decodeNetwork(json, ips(String(json['uuid'])))),
    instance,
    disk,
  };
}

function decoded<T>(objects: Objects, decode: (json: Json) => T): Map<string, T> {
  return new Map(Object.entries(objects).map(([id, json]) => [id, decode(json)]));
}
