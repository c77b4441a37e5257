/**
 * A whole configuration in Ganeti's form, as far as it has a meaning here.
 */
import type { EntityTypes } from '../../model/cluster.js';
import type { Instance } from '../../model/instance.js';
import { encodeCluster } from '../objects/cluster.js';
import { encodeDisk } from '../objects/disk.js';
import type { EncodeOptions } from '../objects/fields.js';
import { encodeGroup } from '../objects/group.js';
import { encodeInstance } from '../objects/instance.js';
import { encodeNetwork } from '../objects/network.js';
import { encodeNode } from '../objects/node.js';
import type { JsonObject } from '../wire/json.js';

/** Version of the form: Ganeti 3.0. */
export const CONFIG_VERSION = 3_000_000;

/**
 * The objects of a configuration, by kind.
 * @public
 */
export interface ConfigObjects {
  /** The cluster's settings. */
  readonly cluster: EntityTypes['cluster'];
  /** Nodes. */
  readonly nodes: readonly EntityTypes['node'][];
  /** Node groups. */
  readonly groups: readonly EntityTypes['group'][];
  /** Networks. */
  readonly networks: readonly EntityTypes['network'][];
  /** Instances. */
  readonly instances: readonly EntityTypes['instance'][];
  /** Disks. */
  readonly disks: readonly EntityTypes['disk'][];
}

/** The configuration that holds these objects. */
export function encodeConfig(objects: ConfigObjects, options: EncodeOptions): JsonObject {
  const cardIps = cardIpsByNetwork(objects.instances);
  return {
    version: CONFIG_VERSION,
    cluster: encodeCluster(objects.cluster, options),
    nodes: byId(objects.nodes, encodeNode),
    nodegroups: byId(objects.groups, encodeGroup),
    networks: byId(objects.networks, (net) => encodeNetwork(net, cardIps.get(net.id) ?? [])),
    instances: byId(objects.instances, (instance) => encodeInstance(instance, options)),
    disks: byId(objects.disks, (disk) => encodeDisk(disk, options)),
    filters: {},
  };
}

function byId<T extends { readonly id: string }>(
  objects: readonly T[],
  encode: (object: T) => JsonObject,
): JsonObject {
  return Object.fromEntries(objects.map((object) => [object.id, encode(object)]));
}

/** The addresses of the instances' cards, by network id. */
export function cardIpsByNetwork(instances: Iterable<Instance>): ReadonlyMap<string, string[]> {
  const ips = new Map<string, string[]>();
  for (const { nics } of instances) {
    for (const { networkId, ip } of nics) {
      if (networkId === undefined || ip === undefined) continue;
      const known = ips.get(networkId) ?? [];
      known.push(ip);
      ips.set(networkId, known);
    }
  }
  return ips;
}
