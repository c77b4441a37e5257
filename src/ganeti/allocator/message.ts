/**
 * The request to an allocator program: version 2 of Ganeti's allocator protocol, type `allocate`.
 */
import type { ConfigReader } from '../../ports/config-store.js';
import type { NodeId } from '../../model/ids.js';
import type { Nic } from '../../model/nic.js';
import type { AllocationDisk } from '../../ports/allocator.js';
import type { JsonObject, JsonValue } from '../wire/json.js';
import { encodePolicy } from '../wire/policy.js';
import type { AllocateInput, LiveNode } from './input.js';
import { nodeObject } from './nodes.js';
import { groupObject, instanceObject } from './objects.js';

/** Version of the protocol (Ganeti's `IALLOCATOR_VERSION`). */
const VERSION = 2;

/**
 * The whole message: the cluster, its groups, nodes and instances, and the request itself. Sizes
 * are MiB. `live` has an entry per node that is online and may run instances; throws `PrereqError`
 * `environment_error` if one is missing, as Ganeti refuses to place anything while a node that
 * should answer does not.
 * @public
 */
export function allocateMessage(
  input: AllocateInput,
  config: ConfigReader,
  live: ReadonlyMap<NodeId, LiveNode>,
): JsonObject {
  const { cluster } = config;
  return {
    version: VERSION,
    cluster_name: cluster.name,
    cluster_tags: cluster.tags,
    enabled_hypervisors: cluster.enabledHypervisors,
    ipolicy: encodePolicy(cluster.policy),
    nodegroups: byKey(config.all('group'), (group) => [group.id, groupObject(group, cluster)]),
    nodes: byKey(config.all('node'), (node) => [node.name, nodeObject(node, config, live)]),
    instances: byKey(config.all('instance'), (instance) => [
      instance.name,
      instanceObject(instance, config),
    ]),
    request: allocateRequest(input, config),
  };
}

/**
 * The request part of the message: what wants a place. The instance's restriction to nodes is given
 * by name.
 * @public
 */
export function allocateRequest(input: AllocateInput, config: ConfigReader): JsonObject {
  const { beParams, diskTemplate, onlyNodes } = input;
  const restriction = onlyNodes?.map((id) => config.node(id).name);
  return {
    type: 'allocate',
    name: input.name,
    disk_template: diskTemplate,
    group_name: input.groupName ?? null,
    tags: input.tags,
    os: input.os ?? null,
    vcpus: beParams.vcpus,
    memory: beParams.maxMemMib,
    spindle_use: beParams.spindleUse,
    disks: input.disks.map((disk) => diskObject(disk, input, config)),
    disk_space_total: input.diskSpaceMib,
    nics: input.nics.map(nicObject),
    required_nodes: input.requiredNodes,
    hypervisor: input.hypervisor,
    ...(restriction === undefined ? {} : { 'restrict-to-nodes': restriction }),
  };
}

/** Fields of disks that are there or not, under their names in the protocol. */
const OPTIONAL_FIELDS = {
  metaVolumeGroup: 'metavg',
  access: 'access',
  spindles: 'spindles',
  provider: 'provider',
  adopt: 'adopt',
} as const satisfies Readonly<Partial<Record<keyof AllocationDisk, string>>>;

function diskObject(
  disk: AllocationDisk,
  { diskTemplate }: AllocateInput,
  { cluster }: ConfigReader,
): JsonObject {
  const { sizeMib, mode, name, volumeGroup, providerParams } = disk;
  const vg = volumeGroup ?? cluster.volumeGroup ?? null;
  const others: Record<string, JsonValue> = { ...providerParams };
  for (const [field, wire] of Object.entries(OPTIONAL_FIELDS)) {
    const value = disk[field as keyof typeof OPTIONAL_FIELDS];
    if (value !== undefined) others[wire] = value;
  }
  return { ...others, size: sizeMib, mode, vg, name: name ?? null, dev_type: diskTemplate };
}

function nicObject({ mac, ip, params, id, name, networkId }: Nic): JsonObject {
  return {
    mac,
    nicparams: { ...params },
    ...(ip === undefined ? {} : { ip }),
    ...(name === undefined ? {} : { name }),
    ...(networkId === undefined ? {} : { network: networkId }),
    uuid: id,
  };
}

function byKey<T>(
  entities: Iterable<T>,
  entry: (entity: T) => readonly [string, JsonObject],
): JsonObject {
  return Object.fromEntries([...entities].map(entry));
}
