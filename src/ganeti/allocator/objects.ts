/**
 * Groups and instances of the configuration as an allocator's request shows them.
 */
import { fillBeParams, fillNicParams, fillPolicy } from '../../model/fill.js';
import type { Cluster } from '../../model/cluster.js';
import type { Instance } from '../../model/instance.js';
import type { Nic } from '../../model/nic.js';
import type { NodeGroup } from '../../model/node.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { JsonObject } from '../wire/json.js';
import { encodePolicy } from '../wire/policy.js';
import { diskSpaceMib } from './disk-space.js';

/** A group, with the policy that holds in it. */
export function groupObject(group: NodeGroup, cluster: Cluster): JsonObject {
  return {
    name: group.name,
    alloc_policy: group.allocPolicy,
    networks: Object.keys(group.networks),
    ipolicy: encodePolicy(fillPolicy(cluster, group)),
    tags: group.tags,
  };
}

/** An instance that exists. */
export function instanceObject(instance: Instance, config: ConfigReader): JsonObject {
  const be = fillBeParams(config.cluster, instance.beParams);
  const disks = config.disksOf(instance);
  const nodes = [instance.primaryNode, ...instance.secondaryNodes];
  return {
    tags: instance.tags,
    admin_state: instance.adminState,
    vcpus: be.vcpus,
    memory: be.maxMemMib,
    spindle_use: be.spindleUse,
    os: instance.os ?? '',
    nodes: nodes.map((id) => config.node(id).name),
    nics: instance.nics.map((nic) => nicObject(nic, config.cluster)),
    disks: disks.map(({ template, sizeMib, mode }) => ({
      dev_type: template,
      size: sizeMib,
      mode,
      spindles: null,
    })),
    disk_template: instance.diskTemplate,
    disks_active: instance.disksActive,
    hypervisor: instance.hypervisor,
    disk_space_total: diskSpaceMib(instance.diskTemplate, disks),
  };
}

function nicObject({ mac, ip, params }: Nic, cluster: Cluster): JsonObject {
  const { mode, link } = fillNicParams(cluster, params);
  const bridge = mode === 'bridged' ? { bridge: link } : {};
  return { mac, ip: ip ?? null, mode, link, ...bridge };
}
